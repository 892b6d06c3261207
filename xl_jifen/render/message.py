"""The message (文字稿) to paste into the branch's WeChat group: what is published, until when, and how to object.

Words only, from the page; no member's name or points, since a message is forwarded more easily than a file.
"""

from __future__ import annotations

from xl_jifen.publish.page import Page


def message(page: Page) -> str:
    """The message of a page, a paragraph a line: nothing in it is for the sender.

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
    if word("校验码"):
        meaning = "（与公示表末尾所印相同，说明两份内容相同）" if word("完整校验码") else ""  # a draft has none
        lines += ["", f"校验码：{word('校验码')}{meaning}"]
    if word("完整校验码"):
        lines.append(f"完整校验码：{word('完整校验码')}")
    lines += ["", word("结语", "")] if word("结语") else []
    lines += ["", word("落款", ""), word("日期", "")]
    return "\n".join(lines).strip() + "\n"
