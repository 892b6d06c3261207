<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{title}} · 党员积分</title>
<link rel="stylesheet" href="/static/desk.css">
<script src="/static/desk.js" defer></script>
</head>
<body>
<a class="skip" href="#main">跳到正文</a>
<header>
<p class="brand"><a href="/">党员积分 工作台</a></p>
% if session.book:
<p class="book">{{session.book.name}} <a href="/open">换一本</a></p>
% end
<nav aria-label="工作台"><a href="/docs">说明</a>
<form method="post" action="/end"><button class="plain">结束</button></form></nav>
</header>
<main id="main">
{{!base}}
</main>
<footer><p>这一页只在本机，不联网；工作簿始终是您文件夹里的那个文件。</p></footer>
</body>
</html>
