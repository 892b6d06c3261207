"""A template of a branch's own may look as it likes and do nothing."""

from __future__ import annotations

import pytest
from made_page import made_page

from xl_jifen.disk import assets
from xl_jifen.finding import CannotWrite
from xl_jifen.render.harmless import with_policy
from xl_jifen.render.html import html


@pytest.fixture(scope="module")
def template() -> str:
    return assets.asset("templates/publicity.html").decode("utf-8")


@pytest.mark.parametrize(
    "planted",
    [
        "<script>alert(1)</script>",
        '<img src="https://example.com/a.png">',
        '<img src="//example.com/a.png">',
        '<a href="javascript:alert(1)">x</a>',
        '<p onclick="alert(1)">x</p>',
        '<iframe srcdoc="x"></iframe>',
        '<form action="https://example.com">x</form>',
        '<meta http-equiv="refresh" content="0;url=https://example.com">',
        "<style>p { background: url(https://example.com/a.png) }</style>",
        '<link rel="stylesheet" href="https://example.com/a.css">',
        "<!--><script>alert(1)</script>-->",
        "<!---><script>alert(1)</script>-->",
        "<!-- --!><script>alert(1)</script> -->",
        "<![CDATA[><script>alert(1)</script>]]>",
        "<svg><style><script>alert(1)</script></style></svg>",
        "<math><style><img src=x onerror=alert(1)></style></math>",
        '<svg><a><animate attributeName="href" values="java\tscript:alert(1)"/></a></svg>',
        '<svg><use xlink:href="https://example.com/a.svg#a"/></svg>',
        '<img srcset="https://example.com/a.png 2x">',
        '<p style="background: image-set(&quot;https://example.com/a.png&quot; 1x)">x</p>',
        "<style>@import 'https://example.com/a.css';</style>",
        '<base href="https://example.com/">',
        '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
        "<IMG SRC=x ONERROR=alert(1)>",
    ],
)
def test_a_template_that_would_do_more_than_show_the_page_is_refused(template: str, planted: str) -> None:
    with pytest.raises(CannotWrite, match="为安全起见没有使用"):
        html(made_page(3), template.replace("</body>", f"{planted}</body>"))


@pytest.mark.parametrize(
    "before",
    [
        "<!-- <meta charset=x> -->",
        "<!-- <head> --><p>x</p>",
        "<p title='<head>'>x</p>",
        "<!doctype html><p>x</p><!-- <meta charset='utf-8'> -->",
        "<p>x</p><!doctype html>",
    ],
)
def test_the_policy_stands_before_whatever_it_is_to_hold_for(before: str, template: str) -> None:
    """Its place is not told by what only looks like a head: in a comment it would be none."""
    page = with_policy(before + template.partition("<head>")[2], "publicity.html")
    assert page.count("Content-Security-Policy") == 1
    ahead = page.partition('<meta http-equiv="Content-Security-Policy"')[0]
    assert ahead.strip() in ("", "<!doctype html>"), ahead
