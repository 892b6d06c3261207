r"""The notice (积分公示表): what a ledger says about one period, as words, rows and charts.

It chooses words and columns and reckons nothing that scoring did not; it knows no font, file or clock.

``words`` (the placeholders of every publicity template; all are always there, none is None):

========  ==============================================================================================
标题       2026年第三季度党员积分公示表 (a draft ends in （草稿）)
支部       中共…支部委员会, as in 设置
时段       2026年第三季度
期间       2026年7月1日至9月30日 (clipped to the cycle)
公式       党员积分 = 基础分 + 加分 − 减分: one line with the year mode in words
说明段     the opening paragraph, without indent
图例       the legend: one paragraph a line (``\n`` between them), each ``词：解释。``
附页       2026年第三季度党员积分构成: the title of the annex where 备注 stands in one
附页说明    the paragraph of the legend that then points to it
备注段     备注：王五，9月1日转入。 All that 备注 says, where it is short enough for the legend; or ""
公示期     2026年10月9日至10月14日（5个工作日）
异议       how and to whom to object, one paragraph
结语       特此公示。
落款       the issuer          日期   2026年10月9日, the day of publication
草稿       草稿, or "" for a final page
校验码     7ZQ2K-…-9F0XA, of the facts (``archive.facts``) and never of wording; a draft has none
完整校验码  the same with all its bits, 64 hexadecimal digits; "" of a draft
核验句     what the QR code holds: whose notice of which period, and both codes; "" of a draft
人数       members listed, 38      平均分  their mean, 101.5      到会率  of the period, 92.3%, or ""
========  ==============================================================================================

``columns`` are those of :data:`COLUMNS` that the branch publishes (公示内容, 公示栏目) and that say something. Values:
名次 int or "—" (vetoed); 姓名 编号 党小组 str; 基础分 加分 减分 积分 Decimal, each column with as many decimals as its
longest (基础分 "—" if unknown); 较上期 str with its sign, "+3.5", "−2" (U+2212), "0", or "—" where there is nothing
to compare with; 建议等次 str or "—"; 备注 str, perhaps "". A row of a single cell heads the rows below it:
入党积极分子 and 发展对象 stand after the members, ranked among themselves.

``charts``, each left out when there is nothing to see in it: 积分分布 (bars, 人), 支部平均积分 (line, 分), 到会率
(bars, %, by activity type).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from xl_jifen import layout
from xl_jifen.archive.code import short
from xl_jifen.archive.facts import code_of
from xl_jifen.derive.corrections import corrections
from xl_jifen.period import Cycle, Month, Period
from xl_jifen.publish.charts import attendance_counts, attendance_rates, distribution, trend
from xl_jifen.publish.figures import DRAFT, NO_BRANCH, NOTHING, decimal, level, mean, share, signed
from xl_jifen.publish.legend import legend, months_words
from xl_jifen.publish.notice import Notice, day_words, span_words
from xl_jifen.publish.page import Page, Value
from xl_jifen.publish.remarks import remark
from xl_jifen.register import Ledger, Line, Member, Points, Score, Settings
from xl_jifen.score import with_periods

TEMPLATE = "publicity"

COLUMNS = layout.NOTICE_CHOICES
SCORES_ONLY = ("名次", "姓名", "积分")
"""The columns under 仅分数."""
LONGEST_IN_LEGEND = 200
"""Letters: remarks that are longer do not stand in the legend."""


def publicity(ledger: Ledger, period: Period, notice: Notice, *, draft: bool, said: Iterable[str] = ()) -> Page:
    """The notice of one period, published as ``notice`` says; a ``draft`` carries 草稿 in title and words.

    ``said`` are paragraphs to stand at the end of the legend: what the notice rests on, when it was really made.
    Compared is with the period before of the same kind.
    """
    settings = ledger.register.settings
    if not any(score.period.kind == period.kind for score in ledger.scores):  # a month or half-year
        ledger = with_periods(ledger, filter(None, (period, _period_before(settings.cycle, period))))
    scores = ledger.of(period)
    before, earlier = _before(ledger, period)
    remarks = _remarks(ledger, period, scores)
    columns = _columns(ledger, scores, before, remarks)
    rows = _rows(scores, earlier, columns, remarks)
    first, last = _span(settings.cycle, period)
    members = [score for score in scores if score.standing.is_member]
    words = {
        "标题": f"{period.words}党员积分公示表" + ("（草稿）" if draft else ""),
        "支部": settings.branch or NO_BRANCH,
        "时段": period.words,
        "期间": span_words(first, last),
        "公式": _formula(settings, period, columns),
        "说明段": _opening(settings, period, scores),
        "图例": "\n".join([*legend(ledger, period, before, scores, columns), *said]),
        "附页": f"{period.words}党员积分构成",
        "附页说明": "积分构成：备注和加分、减分的事由见附页。",
        "备注段": _in_one(scores, remarks) if layout.REMARK in columns else "",
        "公示期": notice.words,
        "异议": _objection(settings),
        "结语": "特此公示。",
        "落款": settings.issuer or settings.branch or "（未填写落款单位）",
        "日期": day_words(notice.day),
        "草稿": DRAFT if draft else "",
        "人数": str(len(scores)),
        "平均分": f"{mean(members)}".replace("-", "−") if members else "",
        "到会率": "",
    }
    attendance = attendance_counts(ledger, first, last)
    if attendance:
        attended, heads = (sum(counts) for counts in zip(*attendance.values(), strict=True))
        words["到会率"] = f"{share(attended, heads)}%"
    words |= _codes(ledger, period, notice, draft=draft)
    charts = [*distribution(members), *trend(ledger, period), *attendance_rates(attendance)]
    return Page(
        TEMPLATE, words, columns, rows, tuple(charts), draft, tuple(name for name in COLUMNS if name not in columns)
    )


# ---- the table ----


def _columns(
    ledger: Ledger, scores: Sequence[Score], before: Period | None, remarks: Mapping[Member, str]
) -> tuple[str, ...]:
    """What the branch publishes, without a column that has nothing to say on this sheet while there is another."""
    settings = ledger.register.settings
    if settings.notice_content == layout.FIGURES_ONLY:
        return SCORES_ONLY
    chosen = dict.fromkeys(settings.notice_columns)
    if settings.notice_content == layout.WITH_REASONS:
        chosen["备注"] = None
    silent = {
        layout.BASE: all(score.base is None for score in scores),
        layout.PARTY_GROUP: not any(score.standing.group for score in scores),
        "较上期": before is None,
        "建议等次": all(score.grade is None for score in scores),
        layout.REMARK: not any(remarks.values()),
    }
    return tuple(name for name in chosen if not silent.get(name)) or tuple(chosen)


def _remarks(ledger: Ledger, period: Period, scores: Sequence[Score]) -> Mapping[Member, str]:
    settings = ledger.register.settings
    corrected = {each.entry: each for each in corrections(ledger, period)}
    lines: dict[Member, list[Line]] = defaultdict(list)
    for line in ledger.lines:
        entry = line.entry
        if entry.member is not None and entry.month is not None and period.covers(entry.month):
            lines[entry.member].append(line)
    return {score.member: remark(settings, period, score, lines[score.member], corrected) for score in scores}


def _in_one(scores: Sequence[Score], remarks: Mapping[Member, str]) -> str:
    told = [f"{score.member.shown}，{remarks[score.member]}" for score in scores if remarks[score.member]]
    words = f"备注：{'；'.join(told)}。"
    return words if told and len(words) <= LONGEST_IN_LEGEND else ""


def _rows(
    scores: Sequence[Score], earlier: Mapping[Member, Points], columns: Sequence[str], remarks: Mapping[Member, str]
) -> tuple[tuple[Value, ...], ...]:
    places = max(
        (len(f"{decimal(s.score - earlier[s.member])}".partition(".")[2]) for s in scores if s.member in earlier),
        default=0,
    )
    table = []
    for score in scores:
        member = score.member
        change = score.score - earlier[member] if member in earlier else None
        cells: dict[str, Value] = {
            "名次": NOTHING if score.rank is None else score.rank,
            layout.CODE: member.code,
            layout.NAME: member.name if layout.CODE in columns else member.shown,
            layout.PARTY_GROUP: score.standing.group,
            layout.BASE: NOTHING if score.base is None else decimal(score.base),
            layout.BONUS: decimal(score.bonus),
            layout.DEDUCTION: decimal(score.deduction),
            "积分": decimal(score.score),
            "较上期": NOTHING if change is None else signed(change, places),
            "建议等次": score.grade or NOTHING,
            layout.REMARK: remarks[member],
        }
        table.append(tuple(cells[name] for name in columns))
    table = list(level(table))
    members = sum(score.standing.is_member for score in scores)
    if members < len(scores):
        table.insert(members, ("入党积极分子和发展对象",))
    return tuple(table)


# ---- the words ----


def _opening(settings: Settings, period: Period, scores: Sequence[Score]) -> str:
    counts = Counter(score.standing.is_member for score in scores)
    people = f"{counts[True]}名党员" + (f"和{counts[False]}名入党积极分子、发展对象" if counts[False] else "")
    ground = f"依据{day_words(settings.adopted_on)}支部党员大会通过的党员积分办法，" if settings.adopted_on else ""
    return (
        f"{ground}经党员申报、支部核实、支部委员会审核，现将{period.words}"
        f"（{span_words(*_span(settings.cycle, period))}）{people}的积分情况公示如下，请党员和群众监督。"
    )


def _formula(settings: Settings, period: Period, columns: Collection[str]) -> str:
    """How a row makes its points: under 年度累计 the columns hold the period's own 加分 and 减分 alone."""
    if settings.notice_content == layout.FIGURES_ONLY:
        return ""
    words = "党员积分 = 基础分 + 加分 − 减分"
    if settings.yearly == layout.RUNNING:
        if settings.cycle is None or settings.cycle.span(period)[0] == settings.cycle.start:
            return words
        own = [name for name in (layout.BONUS, layout.DEDUCTION) if name in columns]
        listed = f"；{'、'.join(own)}栏只列{months_words(settings, period)}的" if own else ""
        return f"党员积分 = 基础分 + {day_words(settings.cycle.start)}以来的加分 − 减分{listed}"
    if period.length <= 3:
        return f"{words}（按{'季' if period.length == 3 else '月'}计算）"
    return f"{period.short}积分为各季度积分的{'平均数' if settings.yearly == layout.MEAN else '合计'}"


def _objection(settings: Settings) -> str:
    route = [f"电话：{settings.phone}"] if settings.phone else []
    route += [f"地址：{settings.address}"] if settings.address else []
    return (
        f"对公示内容有异议的，请在公示期内当面或书面向{settings.contact or '本支部'}反映"
        + (f"（{'；'.join(route)}）" if route else "")
        + "。反映问题应实事求是，提倡署真实姓名。支部将逐项核查、及时答复，确有差错的予以更正。"
    )


def _codes(ledger: Ledger, period: Period, notice: Notice, *, draft: bool) -> dict[str, str]:
    """校验码 short, whole and in the sentence of the QR code. Nothing vouches for a draft."""
    settings = ledger.register.settings
    if draft or settings.cycle is None or not settings.cycle.holds(period):
        return {"校验码": "草稿没有校验码" if draft else "", "完整校验码": "", "核验句": ""}
    whole = code_of(ledger, period, notice.day, notice.last)
    code = short(whole)
    sentence = f"{settings.branch}{period.words}党员积分公示表，校验码 {code}，完整校验码 {whole}"
    return {"校验码": code, "完整校验码": whole, "核验句": sentence}


def _span(cycle: Cycle | None, period: Period) -> tuple[date, date]:
    """The period's days within the cycle; the calendar's where the cycle is not known or does not hold it."""
    if cycle is not None and cycle.holds(period):
        return cycle.span(period)
    return Month(period.year, max(1, period.last.month - period.length + 1)).first, period.last.last


def _before(ledger: Ledger, period: Period) -> tuple[Period | None, Mapping[Member, Points]]:
    """The period of the same kind before this one in the cycle, and its scores; None where it has none."""
    before = _period_before(ledger.register.settings.cycle, period)
    scores = {score.member: score.score for score in ledger.of(before)} if before else {}
    return (before, scores) if scores else (None, {})


def _period_before(cycle: Cycle | None, period: Period) -> Period | None:
    earlier = [each for each in cycle.periods(period.kind) if each < period] if cycle is not None else []
    return earlier[-1] if earlier else None
