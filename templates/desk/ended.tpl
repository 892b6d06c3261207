% rebase('layout.tpl', title='已结束', session=session)
<h1>工作台已结束</h1>
<p>可以关掉这一页了。要再用，请从图标或命令重新打开。</p>
