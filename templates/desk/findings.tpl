<h2 id="state" data-as="{{look.state}}">校验结果</h2>
% if look.trouble:
<p class="trouble">{{said(look.trouble)}}</p>
% else:
<p class="counts">{{look.words}}<br><small>在表格程序里每保存一次，这里就更新一次。</small></p>
% include('list.tpl', findings=findings)
% if look.heading:
<h2>{{look.heading}}</h2>
% end
% if look.scores:
<table class="points">
<thead><tr><th>姓名</th><th>基础分</th><th>本期加分</th><th>本期减分</th><th>积分</th></tr></thead>
<tbody>
% for score in look.scores:
<tr><th scope="row">{{score.member.shown}}</th><td>{{'' if score.base is None else points(score.base)}}</td><td>{{points(score.bonus)}}</td><td>{{points(score.deduction)}}</td><td><b>{{points(score.score)}}</b>{{'（一票否决）' if score.vetoed else ''}}</td></tr>
% end
</tbody>
</table>
% end
% end
