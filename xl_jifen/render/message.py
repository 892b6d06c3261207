"""The message (文字稿) to paste into the branch's WeChat group: what is published, until when, and how to object.

Words only, from the page; no member's name or points, since a message is forwarded more easily than a file.
"""

from __future__ import annotations

from collections.abc import Iterable

from xl_jifen.publish.page import Page

MOST_PICTURES = 3
"""More pictures than these are named as from the first to the last."""


def message(page: Page, files: Iterable[str] = ()) -> str:
    """The message of a page, a paragraph a line; ``files`` are named as what is sent along, in that order.

    The same input gives the same text. A word the page lacks leaves its paragraph out.
    """
    word = page.words.get
    lines = []
    if page.draft:
        lines += ["【草稿，未经公示程序，请勿转发】", ""]
    lines += [f"【{word('标题', '')}】", word("支部", ""), "", word("说明段", ""), ""]
    for name in ("公示期", "异议"):
        if word(name):
            lines.append(f"{name if name != '异议' else '异议反映'}：{word(name)}")
    sent = list(files)
    if sent:
        pictures = [name for name in sent if name.lower().endswith(".png")]
        if len(pictures) > MOST_PICTURES:
            span = f"{pictures[0]} 至 {pictures[-1]}（共{len(pictures)}张）"
            sent = [span if name == pictures[0] else name for name in sent if name not in pictures[1:]]
        lines += ["", "随附文件："] + [f"{number}. {name}" for number, name in enumerate(sent, 1)]
        if pictures:
            lines.append("（转发长图时请勾选“原图”。）")
    if word("校验码"):
        lines += ["", f"校验码：{word('校验码')}（与公示表末尾所印相同，说明两份内容相同）"]
    if word("完整校验码"):
        lines.append(f"完整校验码：{word('完整校验码')}")
    lines += (
        ["", word("结语", ""), "", word("落款", ""), word("日期", "")]
        if word("结语")
        else ["", word("落款", ""), word("日期", "")]
    )
    return "\n".join(lines).strip() + "\n"
