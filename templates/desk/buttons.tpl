% for group in groups:
% mine = [(number, action) for number, action in actions if action.group == group]
<section class="group" aria-labelledby="g-{{group}}">
<h2 id="g-{{group}}">{{group}}</h2>
<ul class="verbs">
% for number, action in mine:
<li><a href="/do/{{number}}"><b>{{action.title}}</b><span>{{action.does}}</span></a></li>
% end
</ul>
</section>
% end
