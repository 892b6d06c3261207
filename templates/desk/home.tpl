% rebase('layout.tpl', title=session.book.name, session=session)
<h1>{{session.book.stem}}</h1>
% if session.working:
<p class="busy" role="status">正在{{session.working.title}}… <a href="/job/{{session.working.number}}">看进度</a></p>
% end
<div class="columns">
<div>
% include('buttons.tpl', groups=('平时', '公示与归档', '年末', '其他'), actions=actions)
</div>
<section id="live" aria-live="polite" aria-labelledby="state">
% include('findings.tpl', look=look, findings=findings, points=points)
</section>
</div>
% if session.files:
<section aria-labelledby="made">
<h2 id="made">这一次做好的文件</h2>
% include('files.tpl', files=session.files, session=session)
</section>
% end
