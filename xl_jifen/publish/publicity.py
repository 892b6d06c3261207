r"""The quarterly publicity sheet (季度积分公示表): what a ledger says about one quarter, as words, rows and charts.

It chooses words and columns and reckons nothing that scoring did not; it knows no font, file or clock.

``words`` (the placeholders of every publicity template; all are always there, none is None):

========  ==============================================================================================
标题       2026年第三季度党员积分公示表 (a draft ends in （草稿）)
支部       中共…支部委员会, as in 设置
季度       2026年第三季度
期间       2026年7月1日至9月30日 (clipped to the cycle)
公式       党员积分 = 基础分 + 加分 − 减分（年度累计：…）: one line with the year mode in words
说明段     the opening paragraph, without indent
图例       the legend: one paragraph a line (``\n`` between them), each ``词：解释。``
公示期     2026年10月9日至10月14日（5个工作日）
异议       how and to whom to object, one paragraph
落款       the issuer          日期   2026年10月9日, the day of publication
草稿       草稿, or "" for a final page
校验码     3F9A-07C2-B1D4: of ``code`` if given, else of this page's words and rows
人数       members listed, 38      平均分  their mean, 101.5      到会率  of the quarter, 92.3%, or ""
========  ==============================================================================================

``columns`` are :data:`COLUMNS`. Values: 名次 int or "—" (vetoed); 姓名 str; 基础分 本季加分 本季减分 积分 Decimal
without trailing zeros (基础分 "—" if unknown); 较上季 str with its sign, "+3.5", "−2" (U+2212), "0", or "—" where
there is nothing to compare with; 建议等次 str or "—"; 备注 str, perhaps "".

``charts``, each left out when there is nothing to show: 积分分布 (bars, 人), 支部平均积分 (line, 分, at least two
quarters), 到会率 (bars, %, by activity type).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from xl_jifen import layout
from xl_jifen.derive.corrections import Correction, corrections
from xl_jifen.grid import name_key
from xl_jifen.period import Cycle, Month, Period
from xl_jifen.publish.charts import attendance_counts, distribution, trend
from xl_jifen.publish.figures import DRAFT, NOTHING, decimal, figure, mean, share, signed
from xl_jifen.publish.notice import Notice, day_words, span_words
from xl_jifen.publish.page import Chart, Page, Value
from xl_jifen.register import Entry, Ledger, Line, Member, Rule, Score, Settings
from xl_jifen.score import base_number

TEMPLATE = "publicity"

COLUMNS = ("名次", "姓名", "基础分", "本季加分", "本季减分", "积分", "较上季", "建议等次", "备注")


LIMITS = {"I002": "封顶", "I003": "就高", "I004": "限次"}
"""Why a line earned less than it claimed, in the remark's words."""

CONSEQUENCES = {layout.TO_ZERO: "积分清零、等次列最低档", layout.UNQUALIFIED: "等次列最低档"}


def publicity(ledger: Ledger, quarter: Period, notice: Notice, *, draft: bool, code: str = "") -> Page:
    """The publicity page of one quarter, published as ``notice`` says; a ``draft`` carries 草稿 in title and words.

    ``code`` is the text of 校验码 where the quarter's archive gives one; otherwise it is reckoned from the page.
    """
    settings = ledger.register.settings
    scores = ledger.of(quarter)
    rows = _rows(ledger, quarter, scores)
    first, last = _span(settings.cycle, quarter)
    words = {
        "标题": f"{quarter.words}党员积分公示表" + ("（草稿）" if draft else ""),
        "支部": settings.branch or "（未填写支部名称）",
        "季度": quarter.words,
        "期间": span_words(first, last),
        "公式": _formula(settings),
        "说明段": (
            f"经登记、核实、审核，现将{quarter.words}（{span_words(first, last)}）"
            f"{len(scores)}名党员的积分情况公示如下，请党员和群众监督。"
        ),
        "图例": "\n".join(_legend(ledger, quarter, scores)),
        "公示期": notice.words,
        "异议": _objection(settings),
        "落款": settings.issuer or settings.branch or "（未填写落款单位）",
        "日期": day_words(notice.day),
        "草稿": DRAFT if draft else "",
        "人数": str(len(scores)),
        "平均分": f"{mean(scores)}".replace("-", "−") if scores else "",
        "到会率": "",
    }
    attendance = attendance_counts(ledger, first, last)
    if attendance:
        attended, heads = (sum(counts) for counts in zip(*attendance.values(), strict=True))
        words["到会率"] = f"{share(attended, heads)}%"
    words["校验码"] = code or _code(words, rows)
    charts = [*distribution(scores), *trend(ledger, quarter)]
    if attendance:
        rates = tuple((kind, share(*counts)) for kind, counts in attendance.items())
        charts.append(Chart("bars", "到会率", "%", rates))
    return Page(TEMPLATE, words, COLUMNS, rows, tuple(charts), draft)


# ---- the table ----


def _rows(ledger: Ledger, quarter: Period, scores: Sequence[Score]) -> tuple[tuple[Value, ...], ...]:
    before = _quarter_before(ledger.register.settings.cycle, quarter)
    earlier = {score.member: score.score for score in ledger.of(before)} if before else {}
    namesakes = Counter(name_key(member.name) for member in ledger.register.members)
    corrected = {each.entry: each for each in corrections(ledger, quarter)}
    lines: dict[Member, list[Line]] = {}
    for line in ledger.lines:
        if line.entry.member is not None:
            lines.setdefault(line.entry.member, []).append(line)
    rows: list[tuple[Value, ...]] = []
    for score in scores:
        member = score.member
        rows.append(
            (
                NOTHING if score.rank is None else score.rank,
                member.label if namesakes[name_key(member.name)] > 1 else member.name,
                NOTHING if score.base is None else decimal(score.base),
                decimal(score.bonus),
                decimal(score.deduction),
                decimal(score.score),
                signed(score.score - earlier[member]) if member in earlier else NOTHING,
                score.grade or NOTHING,
                "；".join(_remarks(ledger, quarter, score, lines.get(member, []), corrected)),
            )
        )
    return tuple(rows)


def _remarks(
    ledger: Ledger, quarter: Period, score: Score, lines: Sequence[Line], corrected: Mapping[Entry, Correction]
) -> list[str]:
    """What the reader needs to follow the score: scoring's own remark, a clamp, what counted, corrections."""
    settings = ledger.register.settings
    told = [line for line in lines if _told(line, quarter)]
    taken_back = [line for line in told if line.entry.reversal]
    by_rule: dict[Rule, list[Line]] = {}
    for line in told:
        if line.entry.rule is not None and not line.entry.reversal:
            by_rule.setdefault(line.entry.rule, []).append(line)
    with_reasons = settings.notice_content == layout.WITH_REASONS
    remarks = [score.remark] if score.remark else []
    remarks += _clamp(settings, quarter, score, lines)
    for rule in sorted(by_rule, key=lambda rule: (rule.kind != layout.BONUS, rule.order)):
        remarks.append(_item(rule, by_rule[rule], with_reasons))
    for line in taken_back:
        if line.entry.rule is not None:
            figures = _old_and_new(corrected.get(line.entry))
            remarks.append("更正：" + _item(line.entry.rule, [line], with_reasons) + figures)
    return remarks


def _old_and_new(corrected: Correction | None) -> str:
    if corrected is None:  # of the same quarter: nothing of it was published
        return ""
    return f"（{corrected.quarter.words}原{signed(corrected.old)}，现{signed(corrected.new)}）"


def _told(line: Line, quarter: Period) -> bool:
    """Whether a line was posted in the quarter and claimed points that were admitted to counting."""
    entry = line.entry
    return (
        entry.month is not None
        and entry.month.quarter == quarter
        and entry.rule is not None
        and entry.rule.kind in (layout.BONUS, layout.DEDUCTION)
        and line.raw != 0
        and line.admitted
    )


def _item(rule: Rule, lines: Sequence[Line], with_reasons: bool) -> str:
    """``主题党日×3 +2.5（封顶，原3）``: one rule's item, how often, what it earned of how much, perhaps why."""
    counted, claimed = (sum(points) for points in zip(*((line.counted, line.raw) for line in lines), strict=True))
    effect = counted * (1 if rule.kind == layout.BONUS else -1)
    times = f"×{len(lines)}" if len(lines) > 1 else ""
    limits = {code for line in lines for code in line.why}
    notes = [words for code, words in LIMITS.items() if code in limits]
    if notes and abs(claimed) > abs(counted):
        notes.append(f"原{figure(abs(claimed))}")
    if with_reasons:
        reasons = dict.fromkeys(" ".join(line.entry.reason.split()) for line in lines)
        notes += ["、".join(reason for reason in reasons if reason)] if any(reasons) else []
    return f"{rule.item or rule.code}{times} {signed(effect)}" + (f"（{'，'.join(notes)}）" if notes else "")


def _clamp(settings: Settings, quarter: Period, score: Score, lines: Sequence[Line]) -> list[str]:
    """A sentence where 最低分 or 最高分 made the score differ from what its parts add up to."""
    if score.base is None:
        return []
    running = settings.yearly == layout.RUNNING
    total = score.base
    for line in lines:
        entry = line.entry
        if entry.month is None or entry.rule is None:
            continue
        if entry.month.quarter == quarter or (running and entry.month.quarter < quarter):
            total += line.counted * {layout.BONUS: 1, layout.DEDUCTION: -1}.get(entry.rule.kind, 0)
    if settings.ceiling is not None and total > settings.ceiling:
        return [f"原{figure(total)}分，按最高分{figure(settings.ceiling)}分计"]
    if settings.floor is not None and total < settings.floor:
        return [f"原{figure(total)}分，按最低分{figure(settings.floor)}分计"]
    return []


# ---- the words ----


def _formula(settings: Settings) -> str:
    start = day_words(settings.cycle.start) if settings.cycle else "计分周期首日"
    return "党员积分 = 基础分 + 加分 − 减分" + {
        layout.RUNNING: f"（年度累计：自{start}起累计）",
        layout.MEAN: "（季度平均：按季计算，年度取各季平均数）",
        layout.SUM: "（季度求和：按季计算，年度取各季之和）",
    }.get(settings.yearly, "")


def _legend(ledger: Ledger, quarter: Period, scores: Sequence[Score]) -> list[str]:
    register, settings = ledger.register, ledger.register.settings
    before = _quarter_before(settings.cycle, quarter)
    legend = [
        "基础分：计分开始时的起点分。",
        f"本季加分、本季减分：登记在{quarter.words}各月并审核通过的分值。",
        f"积分：{_score_words(ledger, before, scores)}",
        (
            f"较上季：与{before.words}积分相比；“{NOTHING}”表示该季度没有积分。"
            if before
            else "较上季：本季度为计分周期的第一个季度，不作比较。"
        ),
        "名次：按积分从高到低，积分相同的名次并列"
        + ("，其后名次顺延" if settings.ties == layout.SKIP_TIES else "，其后名次不跳号")
        + ("；表内按党员名册排列。" if settings.listing == layout.BY_ROSTER else "。"),
    ]
    if register.bands:
        legend.append(f"建议等次：{_bands(ledger, scores)}正式等次由民主评议确定。")
    legend.append(_veto_words(register.rules, settings))
    legend.append(
        f"备注：本季度计入的事项、次数（×2即2次）和分值；{''.join(f'“{limit}”' for limit in LIMITS.values())}"
        "表示按规则少计，“原”后是少计以前的分值；“更正”表示冲回以前误计的分值。"
    )
    return [line for line in legend if line]


def _score_words(ledger: Ledger, before: Period | None, scores: Sequence[Score]) -> str:
    settings = ledger.register.settings
    if settings.yearly == layout.RUNNING and before is not None:
        words = "基础分加上周期开始以来的全部加分，减去全部减分"
        # Said only where every reader who adds up a row finds it so: a clamp or a lifted veto breaks the chain.
        earlier = {score.member: score.score for score in ledger.of(before)}
        counted = [score for score in scores if score.member in earlier and not score.vetoed]
        if all(score.score - earlier[score.member] == score.bonus - score.deduction for score in counted):
            words += "，即上季度积分 + 本季加分 − 本季减分"
    else:
        words = "基础分 + 本季加分 − 本季减分"
    floor, ceiling = settings.floor, settings.ceiling
    if floor is not None:
        words += f"；低于{figure(floor)}分的按{figure(floor)}分计"
    if ceiling is not None:
        words += f"；高于{figure(ceiling)}分的按{figure(ceiling)}分计"
    return words + "。"


def _bands(ledger: Ledger, scores: Sequence[Score]) -> str:
    """``优秀 ≥110分、合格 ≥80分、不合格 <80分；优秀不超过参评36人的1/3，即12人；预备党员不评等次。``"""
    settings, bands = ledger.register.settings, ledger.register.bands
    floors = [band.floor for band in bands if band.floor is not None]
    names = [
        f"{band.name} ≥ {figure(band.floor)}分"
        if band.floor is not None
        else f"{band.name} < {figure(floors[-1])}分"
        if floors
        else band.name
        for band in bands
    ]
    words = "、".join(names) + "；"
    limited = next((band for band in bands if band.limited), None)
    if limited and settings.share is not None:
        heads = base_number(ledger, scores[0].period) if scores else 0
        share: Fraction = settings.share
        ratio = f"{share.numerator}/{share.denominator}" if share != 1 else "全部"
        base = {layout.GRADED: "参评", layout.ALL_MEMBERS: "全体"}.get(settings.share_of, settings.share_of)
        words += f"{limited.name}不超过{base}{heads}人的{ratio}，即{int(share * heads)}人；"
    if not settings.grade_probationary and any(score.standing.kind == layout.PROBATIONARY for score in scores):
        words += "预备党员不评等次；"
    return words


def _veto_words(rules: Iterable[Rule], settings: Settings) -> str:
    effects: dict[str, list[str]] = {}
    for rule in rules:
        if rule.kind == layout.VETO and not rule.faults:
            effect = CONSEQUENCES.get(rule.consequence, f"积分不超过{figure(rule.points)}分")
            effects.setdefault(effect, []).append(rule.item or rule.code)
    if not effects:
        return ""
    items = "；".join(f"{'、'.join(dict.fromkeys(items))}的，{effect}" for effect, items in effects.items())
    until = "只在当季有效" if settings.veto_scope == layout.THAT_QUARTER else "至本计分周期结束有效"
    return f"一票否决：{items}。须经支部党员大会表决通过，{until}；被否决的不排名次，列于表末。"


def _objection(settings: Settings) -> str:
    route = [f"电话：{settings.phone}"] if settings.phone else []
    route += [f"地址：{settings.address}"] if settings.address else []
    return (
        f"对公示内容如有异议，请在公示期内当面或书面向{settings.contact or '本支部'}提出，并说明理由。"
        + (f"{'；'.join(route)}。" if route else "")
        + "支部将逐项核查、及时答复，确有差错的予以更正。"
    )


def _code(words: dict[str, str], rows: tuple[tuple[Value, ...], ...]) -> str:
    """Twelve hexadecimal digits of the SHA-256 of everything the page says, in groups of four."""
    text = "\n".join([*(f"{key}\t{words[key]}" for key in sorted(words)), *("\t".join(map(str, row)) for row in rows)])
    digest = hashlib.sha256(text.encode()).hexdigest().upper()
    return "-".join(digest[start : start + 4] for start in (0, 4, 8))


def _span(cycle: Cycle | None, quarter: Period) -> tuple[date, date]:
    """The quarter's days within the cycle; the calendar's where the cycle is not known or does not hold it."""
    if cycle is not None and quarter in cycle.quarters:
        return cycle.span(quarter)
    return Month(quarter.year, quarter.number * 3 - 2).first, Month(quarter.year, quarter.number * 3).last


def _quarter_before(cycle: Cycle | None, quarter: Period) -> Period | None:
    """The quarter before this one in the cycle."""
    earlier = [each for each in cycle.quarters if each < quarter] if cycle is not None else []
    return earlier[-1] if earlier else None
