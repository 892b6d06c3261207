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
<p>这个文件夹里还没有工作簿。可以新建一份，或者先看一个示例。</p>
% end
<form method="post" action="/open" class="ask">
<div class="field">
<label for="f-path">在别的文件夹里</label>
<input id="f-path" name="path" type="text" autocomplete="off" required>
<p class="hint">粘贴文件夹或工作簿的完整路径；也可以把工作簿拖到桌面的“党员积分”图标上打开。</p>
</div>
<p><button class="go">打开</button></p>
</form>
% include('buttons.tpl', groups=('开始',), actions=actions)
