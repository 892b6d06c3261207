% rebase('layout.tpl', title='说明', session=session)
<h1>说明</h1>
<ul class="verbs">
% for name, title in documents:
<li><a href="/docs/{{name}}"><b>{{title}}</b></a></li>
% end
</ul>
