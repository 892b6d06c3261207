% rebase('layout.tpl', title='选择工作簿', session=session)
<h1>选择工作簿</h1>
% if get('trouble'):
<p class="trouble" role="alert">{{trouble}}</p>
% end
<p class="where">文件夹：{{session.home}}</p>
% if books:
<form method="post" action="/open" class="books">
% for path in books:
<button name="book" value="{{path.name}}">{{path.name}}</button>
% end
</form>
% else:
<p>这个文件夹里还没有工作簿。可以新建一份，或者先看一个示例；已有的工作簿，请拖到图标上打开。</p>
% end
% include('buttons.tpl', groups=('开始',), actions=actions)
