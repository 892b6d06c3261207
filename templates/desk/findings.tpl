<h2 id="state" data-as="{{look.state}}">校验结果</h2>
% if look.trouble:
<p class="trouble">{{look.trouble}}</p>
% else:
<p class="counts">{{counts}}<br><small>在表格程序里每保存一次，这里就更新一次。</small></p>
% include('list.tpl', findings=findings)
% end
