% rebase('layout.tpl', title=job.title, session=session)
<h1>{{job.title}}</h1>
% if job.done is None:
<p class="busy" role="status" data-wait="yes">正在进行…做完后这一页会自己更新。</p>
<progress aria-label="正在进行"></progress>
% else:
<p class="verdict {{('fine', 'found', 'trouble')[min(job.done.code, 2)]}}" role="status">{{('做好了。', '做完了，还有错误要改。', '没有做成。')[min(job.done.code, 2)]}}</p>
% include('list.tpl', findings=findings)
<div class="said">
% for sentence in job.done.sentences:
<p>{{said(sentence)}}</p>
% end
</div>
% if job.done.files:
<h2>文件</h2>
% include('files.tpl', files=job.done.files, session=session)
% end
% end
<p><a class="go" href="/">回到工作台</a></p>
