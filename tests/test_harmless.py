"""A template of a branch's own may look as it likes and do nothing."""

from __future__ import annotations

import pytest
from made_page import made_page

from xl_jifen.disk import assets
from xl_jifen.finding import CannotWrite
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
    ],
)
def test_a_template_that_would_do_more_than_show_the_page_is_refused(template: str, planted: str) -> None:
    with pytest.raises(CannotWrite, match="为安全起见没有使用"):
        html(made_page(3), template.replace("</body>", f"{planted}</body>"))
