% rebase('layout.tpl', title=name, session=session)
<article class="document">
{{!body}}
</article>
<p><a href="/docs">全部说明</a></p>
