"""A page as one HTML file (网页) for a phone, a screen or paper: everything inside, nothing asked of any server.

Fills the placeholders ``{{…}}`` of a template; every word of the page is escaped, so that no name can mean anything
to a browser. Needs no library but the QR code's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape

from xl_jifen.finding import CannotWrite
from xl_jifen.publish.page import Page, Value
from xl_jifen.render.harmless import ensure_harmless, with_policy
from xl_jifen.render.seal import seal
from xl_jifen.render.shown import PERSON, REMARK, cell_text, figures, is_heading, person
from xl_jifen.render.svg import figure

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")
_TOGETHER = re.compile(
    r"\d{3,4}(?:-\d{3,8})+|"
    r"[加减计原现应至满每第]{0,2}\d[\d.]*(?:个?工作日|个?自然日|学时|小时|[^\d\s，；。、：（）“”./-])"
)
"""A telephone number, or a figure with its unit (加8分, 2次, 10月9日), which are read in one go."""
_RUNNING = ("说明段", "公示期", "异议", "图例")
"""Words that run over several lines."""
_POINT = 0.5  # width of a decimal point, in digits


def html(page: Page, template: str, *, charts: bool = True) -> str:
    """The page as one self-contained HTML document; the same input gives the same text.

    ``{{标题}}`` in ``template`` takes ``page.words["标题"]``, in one ``<p>`` a line where the word has several. Besides
    the page's words there are ``{{表格}}``, ``{{图表}}``, ``{{二维码}}`` and ``{{样式类}}`` (``draft`` or nothing).
    Raises CannotWrite for a placeholder without content, or a template without the table.
    """
    drawn: Mapping[str, Callable[[], str]] = {
        "表格": lambda: table(page),
        "图表": lambda: "".join(figure(chart) for chart in page.charts if chart.points) if charts else "",
        "二维码": lambda: seal(page.words.get("核验句", "")),
        "样式类": lambda: "draft" if page.draft else "",
    }
    filled = fill(template, f"{page.template}.html", page.words, drawn)
    if "表格" not in _PLACEHOLDER.findall(template):
        raise CannotWrite(f"网页模板“{page.template}.html”里没有“{{{{表格}}}}”；请在放积分表的地方补上。")
    return filled


def fill(template: str, name: str, words: Mapping[str, str], drawn: Mapping[str, Callable[[], str]]) -> str:
    """A template of that file name with its placeholders filled: ``words`` are escaped, ``drawn`` make markup.

    Raises CannotWrite for a placeholder without content, or a template that would do more than show the page.
    """

    def content(match: re.Match[str]) -> str:
        key = match[1]
        if key in drawn:
            return drawn[key]()
        if key not in words:
            raise CannotWrite(f"网页模板“{name}”里的“{{{{{key}}}}}”没有对应的内容；请改正这一处。")
        lines = words[key].split("\n")
        tie = _tied if key in _RUNNING else escape
        return tie(lines[0]) if len(lines) == 1 else "".join(f"<p>{tie(line)}</p>" for line in lines)

    ensure_harmless(template, name)
    return with_policy(_PLACEHOLDER.sub(content, template), name)


def table(page: Page, *, sortable: bool = True) -> str:
    """One ``<tbody>`` a person, the remark in a row of its own; each cell has its column's name as class.

    ``sortable`` heads tell a reader's program that they can be pressed, which the template's script must see to.
    """
    pressed = ' aria-sort="none" tabindex="0"' if sortable else ""
    shown = [number for number, name in enumerate(page.columns) if name != REMARK]
    drawing = [_cell(page, number) for number in shown]
    heads = "".join(
        f'<th scope="col" class="{escape(name)}"{pressed}>{_folded(name)}</th>'
        for name in page.columns
        if name != REMARK
    )
    lines = [f"<table>\n<thead><tr>{heads}</tr></thead>"]
    for row in page.rows:
        if is_heading(row):
            lines.append(
                f'<tbody class="list"><tr><th colspan="{len(shown)}">{escape(cell_text(row[0]))}</th></tr></tbody>'
            )
            continue
        cells = "".join(draw(row[number]) for number, draw in zip(shown, drawing, strict=True))
        remark = cell_text(row[page.columns.index(REMARK)]) if REMARK in page.columns else ""
        items = "<br>".join(map(_tied, remark.split("；")))
        under = f'<tr class="under"><td></td><td colspan="{len(shown) - 1}">{items}</td></tr>'
        lines.append(
            f'<tbody data-person="{escape(person(page, row))}"><tr>{cells}</tr>{under if remark else ""}</tbody>'
        )
    return "\n".join([*lines, "</table>"])


def _tied(text: str) -> str:
    """Words in which nothing :data:`_TOGETHER` is parted at the end of a line."""
    parts, done = [], 0
    for match in _TOGETHER.finditer(text):
        parts += [escape(text[done : match.start()]), f'<span class="tied">{escape(match[0])}</span>']
        done = match.end()
    return "".join([*parts, escape(text[done:])])


def _pieces(name: str) -> str:
    """A name with a dot (间隔号) breaks after the dot, and nowhere else."""
    if "·" not in name:
        return escape(name)
    *first, last = name.split("·")
    return "<wbr>".join(f"<span>{escape(piece)}</span>" for piece in [*(f"{piece}·" for piece in first), last])


def _folded(name: str) -> str:
    """A heading of four characters stands in two lines where the template lets it."""
    return "<br>".join(map(escape, (name[:2], name[2:]))) if len(name) == 4 else escape(name)


def _cell(page: Page, number: int) -> Callable[[Value], str]:
    """How one column is drawn: people as row heads, points under each other by their decimal point, the rest plain."""
    name = page.columns[number]
    if name == PERSON:
        return lambda value: f'<th scope="row" class="{name}">{_pieces(cell_text(value))}</th>'
    if not figures(page)[number]:
        return lambda value: f'<td class="{escape(name)}">{escape(cell_text(value))}</td>'
    texts = [cell_text(row[number]) for row in page.rows if not is_heading(row)]
    cents = max(len(text.partition(".")[2]) for text in texts)
    whole = max(len(text.partition(".")[0]) for text in texts)
    width = whole + cents + (_POINT if cents else 0)

    def aligned(value: Value) -> str:
        text = cell_text(value)
        own = text.partition(".")[2]
        right = cents - len(own) + (_POINT if cents and not own else 0)
        style = f"width:{width:g}ch;padding-right:{right:g}ch"
        return f'<td class="{escape(name)}"><span class="figure" style="{style}">{escape(text)}</span></td>'

    return aligned
