"""民主测评票: the blank ballot of the 民主评议, one page to copy, with the names of those who are given a grade.

Every 正式党员 of the year's reference day stands on it, in roster order, scored or not; 预备党员 take part and are not
graded. What is counted goes into sheet 测评记录.

``words``: 标题 支部 说明段 票种 落款 制表日期 草稿 (always ""). ``columns`` are :data:`COLUMNS`; those of
:data:`OPINIONS` are empty.
"""

from __future__ import annotations

from datetime import date
from math import floor

from xl_jifen import layout
from xl_jifen.period import year_words
from xl_jifen.publish.figures import BASE_WORDS, NO_BRANCH
from xl_jifen.publish.notice import day_words
from xl_jifen.publish.page import Page, Value
from xl_jifen.register import Ledger
from xl_jifen.score import base_number, reference_day

TEMPLATE = "ballot"

OPINIONS = ("优秀", "合格", "基本合格", "不合格", "弃权")
COLUMNS = ("序号", "姓名", *OPINIONS)

KINDS = "票种：□党员互评　□群众测评　□支委会"


def ballot_paper(ledger: Ledger, day: date) -> Page:
    """The ballot of the year, as of ``day``. The register must have a cycle."""
    settings, cycle = ledger.register.settings, ledger.register.settings.cycle
    if cycle is None:
        raise ValueError("a ballot needs a cycle")
    last = reference_day(settings, cycle, cycle.year)
    named = [m for m in ledger.register.members if m.on_roster(last) and m.on(last).kind == layout.FORMAL]
    words = {
        "标题": f"{year_words(cycle)}民主评议党员测评票",
        "支部": settings.branch or NO_BRANCH,
        "说明段": "请在每名党员的相应栏内画“√”，每人只选一项，多选的该项作废；不署名。" + _share(ledger),
        "票种": KINDS,
        "落款": settings.issuer or settings.branch,
        "制表日期": day_words(day),
        "草稿": "",
    }
    rows: list[tuple[Value, ...]] = [
        (number, member.shown, *("" for _ in OPINIONS)) for number, member in enumerate(named, 1)
    ]
    return Page(TEMPLATE, words, COLUMNS, tuple(rows))


def _share(ledger: Ledger) -> str:
    """How many 优秀 a ballot may give, where the branch limits them."""
    settings, cycle = ledger.register.settings, ledger.register.settings.cycle
    limited = next((band.name for band in ledger.register.bands if band.limited), "")
    if settings.share is None or cycle is None or limited not in OPINIONS:
        return ""
    heads = base_number(ledger, cycle.year)
    places = floor(settings.share * heads)
    return f"“{limited}”不超过{BASE_WORDS[settings.share_of]}{heads}人的{settings.share}，即{places}人。"
