"""A check page (校验) as one HTML file that finds out by itself when a newer one has been written in its place.

Fills the placeholders ``{{…}}`` of a template, as ``html`` does for published pages: every word is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import PurePath
from urllib.parse import quote

from xl_jifen.catalogue import HINT
from xl_jifen.finding import CannotWrite, Finding
from xl_jifen.publish.check import TEMPLATE, CheckPage, Group
from xl_jifen.render.html import fill, table

RESULTS, POINTS = "校验结果", "积分"


def check_html(page: CheckPage, template: str) -> str:
    """The page as one HTML document; the same input gives the same text.

    Besides the page's words there are ``{{校验结果}}``, ``{{积分}}`` and ``{{样式类}}``: ``errors``, ``fine`` or
    ``unreadable``, with ``ended`` on a page that is no longer kept up to date. Raises CannotWrite for a placeholder
    without content, or a template without the results.
    """
    if f"{{{{{RESULTS}}}}}" not in template:
        raise CannotWrite(f"网页模板“{TEMPLATE}.html”里没有“{{{{{RESULTS}}}}}”；请在放校验结果的地方补上。")
    drawn: Mapping[str, Callable[[], str]] = {
        RESULTS: lambda: "\n".join(map(_group, page.groups)),
        POINTS: lambda: _points(page),
        "样式类": lambda: page.state if page.live else f"{page.state} ended",
    }
    return fill(template, f"{TEMPLATE}.html", page.words, drawn)


def _group(group: Group) -> str:
    """One level: errors and warnings are spread out, what only explains is folded up."""
    more = group.total - len(group.listed)
    rest = f'<p class="more">其余 {more} 个没有列出；改好以上各处并保存后，再往下列。</p>' if more else ""
    return (
        f'<details class="{group.level}" id="{group.level}"{"" if group.level == "提示" else " open"}>'
        f"<summary><b>{group.level} {group.total}</b> <span>{escape(group.meaning)}</span></summary>\n"
        f"<ul>\n{''.join(map(_finding, group.listed))}</ul>{rest}</details>"
    )


def _finding(finding: Finding) -> str:
    remedy = "" if finding.level == HINT else f'<p class="remedy">怎么改：{escape(finding.remedy)}</p>'
    return (
        f'<li><b class="place">{escape(str(finding.place))}</b> <span class="code">{finding.code}</span>'
        f"<p>{escape(finding.message)}</p>{remedy}</li>\n"
    )


def _points(page: CheckPage) -> str:
    """The quarter's points, or why there are none; nothing on the page of a file that cannot be read."""
    if page.scores is None:
        return f'<section class="points"><p>{escape(page.without)}</p></section>' if page.without else ""
    head = f"<h2>{escape(page.words['季度'])}积分（草稿）</h2>"
    links = "".join(_links(page.drafts))
    return f'<section class="points">{head}{links}{table(page.scores, sortable=False)}</section>'


def _links(drafts: tuple[str, ...]) -> Iterator[str]:
    if drafts:
        yield '<p class="drafts">公示表草稿：'
        for name in drafts:
            kind = {".html": "网页", ".pdf": "PDF"}[PurePath(name).suffix]
            yield f'<a href="{escape(quote(name))}" target="_blank" rel="noopener">{kind}</a> '
        yield "</p>"
