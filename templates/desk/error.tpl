% rebase('layout.tpl', title='没有做成', session=session)
<h1>{{words}}</h1>
<p><a class="go" href="/">回到工作台</a></p>
