"""Sheets 积分规则 and 计分组: the rules, and finding one by its code. Pure: part of reading.

No rule of a scheme is in code: here is only what a row of the table may say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction

from xl_jifen import layout
from xl_jifen.finding import Finding, Problem
from xl_jifen.grid import Nearest, as_number, squeeze
from xl_jifen.register import Group, Points, Rule, as_points
from xl_jifen.table import Row, Table
from xl_jifen.typed import Any, Literal, NamedTuple


def read_groups(table: Table | None, findings: list[Finding]) -> tuple[Group, ...]:
    """Sheet 计分组."""
    groups: list[Group] = []
    seen: dict[str, int] = {}
    for row in table.rows(findings) if table else ():
        row.look_over()
        name = row.text(layout.GROUP_NAME)
        key = squeeze(name)
        if key and key in seen:
            row.note("E103", layout.GROUP_NAME, f"组名“{name}”与第 {seen[key]} 行重复", "请改用不同的组名，或删去一行")
        seen.setdefault(key, row.number)
        way, period, cap = row.choice(layout.GROUP_WAY), row.choice(layout.GROUP_PERIOD), row.points(layout.CAP_POINTS)
        if way == layout.CAP:
            if period == layout.PER_MATTER:
                row.note(
                    "E103", layout.GROUP_PERIOD, "“封顶”的周期不能是“同一事项”", "“周期”请填以下之一：日、月、季、年"
                )
            if not row.has(layout.CAP_POINTS):
                row.note("E101", layout.CAP_POINTS, "方式为“封顶”时，“封顶分值”不能空", "请填写“封顶分值”")
        if cap is not None and cap < 0:
            row.note("E804", layout.CAP_POINTS, "封顶分值不能小于 0", "“封顶分值”请改为不小于 0 的数")
        groups.append(Group(name, way, period, cap, row.place, row.codes))
    return tuple(groups)


def read_rules(table: Table | None, groups: tuple[Group, ...], findings: list[Finding]) -> tuple[Rule, ...]:
    """Sheet 积分规则. A rule's faults include those of the groups it names."""
    rules: list[Rule] = []
    seen: dict[str, int] = {}
    group_of: dict[str, Group] = {}
    for group in groups:
        group_of.setdefault(squeeze(group.name), group)
    for row in table.rows(findings) if table else ():
        filled = row.filled
        row.look_over(optional=(layout.POINTS,) if layout.STEPS in filled else ())
        read = {field.name: field.read(row, field.heading) for field in FIELDS if field.heading in filled}
        values = {name: value for name, value in read.items() if value is not None}
        code = values.get("code", "")
        if code and code in seen:
            row.note(
                "E802", layout.RULE_CODE, f"规则编号 {code} 与第 {seen[code]} 行重复", "请给这条规则另编一个规则编号"
            )
        seen.setdefault(code, row.number)
        named = values["groups"] = tuple(_groups(row, values.get("groups", ()), group_of))
        _contradictions(row, values)
        faults = tuple(sorted({*row.faults, *(fault for group in named for fault in group.faults)}))
        rules.append(Rule(len(rules), row.place, faults=faults, **values))
    return tuple(rules)


def _split(text: str) -> Iterator[str]:
    """The parts of a ``;``-separated text, in comparable form."""
    return filter(None, squeeze(text).split(";"))


def _groups(row: Row, names: Iterable[str], group_of: Mapping[str, Group]) -> Iterator[Group]:
    """The groups a rule names, each once; E805 for a name that is none."""
    for name in dict.fromkeys(names):
        if found := group_of.get(name):
            yield found
        else:
            asked = Nearest({key: group.name for key, group in group_of.items()}).asked(name)
            remedy = f"{asked}请改正“计分组”中的组名，或在“计分组”表中增加这一组"
            row.note("E805", layout.GROUP_NAMES, f"没有叫“{name}”的计分组", remedy)


# ---- what a filled cell of the table holds: None where that cannot be told ----


def _choice(row: Row, heading: str) -> str | None:
    return row.choice(heading) or None


def _yes(row: Row, heading: str) -> bool:
    return row.choice(heading) == layout.YES


def _names(row: Row, heading: str) -> frozenset[str]:
    return frozenset(filter(None, re.split("[;、,]", squeeze(row.text(heading)))))  # people write all of them


def _group_names(row: Row, heading: str) -> tuple[str, ...]:
    return tuple(_split(row.text(heading)))


def _points(row: Row, heading: str) -> Points | None:
    points = row.points(heading)
    if points is not None and points < 0:
        row.note("E804", heading, f"“{heading}”不能小于 0", f"“{heading}”请填正数；加分还是减分由“类型”决定")
    return points


def _quantity(row: Row, heading: str) -> Fraction | None:
    number = row.number_at(heading)
    if number is not None and number < 0:
        row.note("E804", heading, f"{heading}不能小于 0", f"“{heading}”请填不小于 0 的数，或留空")
    return number


def _per(row: Row, heading: str) -> Fraction | None:
    number = row.number_at(heading)
    if number is None or number > 0:
        return number
    row.note("E804", heading, f"“{heading}”应大于 0", f"“{heading}”请填大于 0 的数，留空即 1")
    return None


def _times(row: Row, heading: str) -> int | None:
    number = row.number_at(heading)
    if number is None:
        return None
    if number < 1 or number.denominator != 1:
        row.note("E804", heading, f"{heading}应为不小于 1 的整数", f"“{heading}”请填整数，不限次的请留空")
    return int(number)


def _ladder(row: Row, heading: str) -> tuple[Points, ...]:
    """逐次分值: ``3;2;5;0`` as points; a part that is no number is E102, one with more than two decimals E405."""
    ladder: list[Points] = []
    for part in _split(row.text(heading)):
        number = as_number(part)
        if number is None:
            remedy = f"“{heading}”请用 ; 隔开各次的分值，如 3;2;0{row.as_typed(heading)}"
            row.note("E102", heading, f"“{heading}”中的“{part}”不是数字", remedy)
        elif (points := as_points(number)) is None:
            row.note("E405", heading, f"“{heading}”中的 {part} 超过两位小数", f"请改正“{heading}”，积分最多两位小数")
        else:
            ladder.append(points)
    if any(value < 0 for value in ladder):
        row.note("E804", heading, f"{heading}不能小于 0", f"“{heading}”请填正数；加分还是减分由“类型”决定")
    return tuple(ladder)


def _steps(row: Row, heading: str) -> tuple[tuple[Fraction, Points], ...]:
    """分档: ``10:2;20:5`` as thresholds and points. Thresholds rise, points are ≥ 0 and never fall (else E804)."""
    steps: list[tuple[Fraction, Points]] = []
    remedy = f"“{heading}”请从小到大写成“数量:分值”，用 ; 隔开，如 10:2;20:5;50:10{row.as_typed(heading)}"
    for part in _split(row.text(heading)):
        threshold, _, worth = part.partition(":")
        quantity, number = as_number(threshold), as_number(worth)
        if quantity is None or number is None:
            row.note("E804", heading, f"“{heading}”中的“{part}”不是“数量:分值”", remedy)
            continue
        if (points := as_points(number)) is None:
            row.note("E405", heading, f"“{heading}”中的 {worth} 超过两位小数", f"请改正“{heading}”，积分最多两位小数")
            continue
        if points < 0:
            row.note(
                "E804", heading, f"“{heading}”中的分值不能小于 0", f"“{heading}”请填正数；加分还是减分由“类型”决定"
            )
        if steps and quantity <= steps[-1][0]:
            row.note("E804", heading, f"“{heading}”中的 {threshold} 没有大于前一档", remedy)
        if steps and points < steps[-1][1]:
            row.note("E804", heading, f"“{heading}”中 {threshold} 一档的分值比前一档低", remedy)
        steps.append((quantity, points))
    return tuple(steps)


class Field(NamedTuple):
    """One column of the rule table: its heading, the attribute of :class:`Rule` it fills, and how its cell is read.

    ``bears`` on the figures, is mere words (a published quarter still rests on them), or on what notices tell.
    """

    heading: str
    name: str
    read: Callable[[Row, str], Any]
    bears: Literal["figures", "words", "notices"] = "figures"


FIELDS = (
    Field(layout.RULE_CODE, "code", Row.key),
    Field(layout.RULE_KIND, "kind", _choice),
    Field(layout.BLOCK, "block", Row.text, "words"),
    Field(layout.ITEM, "item", Row.text, "words"),
    Field(layout.STANDARD, "standard", Row.text, "words"),
    Field(layout.UNIT, "unit", Row.text, "words"),
    Field(layout.POINTS, "points", _points),
    Field(layout.POINTS_CEILING, "ceiling", _points),
    Field(layout.PER, "per", _per),
    Field(layout.ROUNDING, "rounding", _choice),
    Field(layout.AT_LEAST, "at_least", _quantity),
    Field(layout.FREE, "free", _quantity),
    Field(layout.STEPS, "steps", _steps),
    Field(layout.CUMULATIVE, "cumulative", _yes),
    Field(layout.LADDER, "ladder", _ladder),
    Field(layout.CAP_PERIOD, "cap_period", _choice),
    Field(layout.CAP_POINTS, "cap", _points),
    Field(layout.TIMES, "times", _times),
    Field(layout.GROUP_NAMES, "groups", _group_names),
    Field(layout.NEEDS_EVIDENCE, "needs_evidence", _yes),
    Field(layout.EVIDENCE_BY, "evidence_by", Row.text, "words"),
    Field(layout.CATEGORIES, "categories", _names),
    Field(layout.CONSEQUENCE, "consequence", _choice),
    Field(layout.VETO_WAY, "veto_way", _choice),
    Field(layout.TOLD, "told", _choice, "notices"),
    Field(layout.IN_FORCE_FROM, "start", Row.date),
    Field(layout.IN_FORCE_TO, "end", Row.date),
)
"""Every column of 积分规则 that says something of a rule; reading, E901 and the comparison of schemes follow."""


def facts(rule: Rule, bears: Collection[str]) -> dict[str, object]:
    """What a rule means, by heading, of the columns that bear on one of these.

    What has its default is left out, so that a later column changes nothing that was made of the facts before.
    """
    told = {}
    for field in FIELDS:
        value = getattr(rule, field.name)
        if field.bears in bears and value != Rule._field_defaults[field.name]:
            told[field.heading] = _canonical(value)
    return told


def _canonical(value: object) -> object:
    """A value as it is compared and printed: words without white space, names in order."""
    if isinstance(value, str):
        return squeeze(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple) and value and isinstance(value[0], Group):
        return sorted(squeeze(group.name) for group in value)
    return value


def _contradictions(row: Row, values: Mapping[str, Any]) -> None:
    """E804: what the cells of a rule row say cannot all be true."""
    low, high = values.get("points"), values.get("ceiling")
    if low is not None and high is not None and high < low:
        row.note("E804", layout.POINTS_CEILING, "分值上限低于分值", "分值上限应不低于分值；不按区间计分的请留空")
    if row.has(layout.POINTS_CEILING) and row.has(layout.LADDER):
        row.note(
            "E804",
            layout.LADDER,
            "既有分值上限，又有逐次分值",
            "区间计分和逐次计分只能用一种，请清空“分值上限”或“逐次分值”",
        )
    if row.has(layout.STEPS):
        for heading in (*NOT_BY_STEPS, layout.LADDER, layout.POINTS_CEILING):
            if row.has(heading):
                row.note("E804", heading, f"既有分档，又有{heading}", f"按分档计分的，请清空“{heading}”")
    if values.get("cumulative"):
        for heading in (layout.LADDER, layout.POINTS_CEILING):
            if row.has(heading):
                remedy = f"按累计数量计分的，请清空“{heading}”；否则“累计”留空"
                row.note("E804", layout.CUMULATIVE, f"既按累计，又有{heading}", remedy)
    start, end = values.get("start"), values.get("end")
    if start and end and end < start:
        row.note("E804", layout.IN_FORCE_TO, "失效日期早于生效日期", "请改正生效日期或失效日期")


NOT_BY_STEPS = (layout.PER, layout.ROUNDING, layout.AT_LEAST, layout.FREE)
"""What has no meaning beside 分档."""


class Unclear(NamedTuple):
    """Why a text means no one rule (E301); ``several``: because it names another one too."""

    message: str
    remedy: str
    several: bool = False


class RuleBook:
    """The rule table as an index, asked by what people write (workbook.md). A repeated code means the first row.

    A rule is meant by its code, perhaps with words behind it that name no other rule, or by a 小项 that it alone has,
    be it on that day. Answers are remembered.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_code: dict[str, Rule] = {}
        self._by_label: dict[str, Rule] = {}
        self._by_item: dict[str, list[Rule]] = {}
        for rule in rules:
            if rule.code and rule.code not in self._by_code:
                self._by_code[rule.code] = self._by_label[squeeze(rule.label)] = rule
                if item := squeeze(rule.item):
                    self._by_item.setdefault(item, []).append(rule)
        self._nearest = Nearest(
            {
                **{code: rule.label for code, rule in self._by_code.items()},
                **{label: rule.label for label, rule in self._by_label.items()},
                **{item: alike[0].label for item, alike in self._by_item.items() if len(alike) == 1},
            }
        )
        self._longest = max(map(len, self._by_code), default=0)
        self._names = {*filter(_telling, self._by_code), *self._by_item}
        self._answers: dict[str, Rule | Unclear | list[Rule]] = {}

    def find(self, text: str, day: date | None = None) -> Rule | None:
        """The one rule meant by a non-blank text, that day if known; None if there is none."""
        if (known := self._answers.get(text)).__class__ is Rule:
            return known
        found = self.meant(text, day)
        return found if isinstance(found, Rule) else None

    def meant(self, text: str, day: date | None = None) -> Rule | Unclear:
        """The one rule meant by a non-blank text, or why there is none."""
        found = self._answers.get(text)
        if found is None:
            found = self._answers[text] = self._look_up(text)
        if isinstance(found, list):
            standing = [rule for rule in found if day and rule.in_force(day)]
            if len(standing) == 1:
                return standing[0]
            return Unclear(
                f"几条规则的小项都是“{text}”", f"“规则”请写规则编号：{'、'.join(rule.code for rule in found)}"
            )
        return found

    def _look_up(self, text: str) -> Rule | Unclear | list[Rule]:
        key = squeeze(text)
        if rule := self._by_code.get(key) or self._by_label.get(key):
            return rule
        alike = self._by_item.get(key, [])
        if len(alike) == 1:
            return alike[0]
        for length in range(min(self._longest, len(key) - 1), 0, -1):
            if (rule := self._by_code.get(key[:length])) and not _GOES_ON(key[length]):
                if not (other := self._other(rule, key[length:])):
                    return rule
                message = f"“{text}”写了 {rule.code}，又写了 {other}：一行只写一条规则"
                return Unclear(message, "“规则”请只留一条，其余的另起一行登记", several=True)
        if alike:
            return alike
        remedy = f"{self._nearest.asked(text)}请从下拉列表中选择规则，或先在“积分规则”中增加"
        return Unclear(f"积分规则表中没有“{text}”", remedy)

    def _other(self, rule: Rule, words: str) -> str:
        """What in the words behind a rule's code names another rule; "" if nothing does.

        Names are taken out as found, longest first, so that no name is sought inside another.
        """
        own = {rule.code, squeeze(rule.item), squeeze(rule.block)} - {""}
        there = [name for name in self._names | own if name in words]  # of a few hundred names hardly any
        for name in sorted(there, key=lambda name: (-len(name), name)):
            ended = r"(?!\d)" if name in self._by_code and name[-1].isdecimal() else ""
            left = re.sub(re.escape(name) + ended, "\0", words)
            if left != words and name not in own:
                return name
            words = left
        return ""


_GOES_ON = re.compile("[A-Za-z0-9.-]").match
"""What may not stand right behind a code: it would be another code (加2 in 加2-1)."""


def _telling(code: str) -> bool:
    """Whether a code can be told in running words: one of digits alone could be any number."""
    return not code.isdecimal()


def unproved(rule: Rule, what: str = "材料名称、文件路径或链接") -> Problem:
    """A row has no evidence though its rule asks for it; ``what`` would be some."""
    return Problem(
        "E501",
        layout.EVIDENCE,
        f"规则 {rule.label} 要求佐证，但这一行没有佐证",
        f"“{layout.EVIDENCE}”请写明{what}；浮在格子上的图片、“无”“待补”之类不算",
    )


def resolve_rule(row: Row, heading: str, book: RuleBook, day: date | None = None) -> Rule | None:
    """The rule a row names; E301 if there is none."""
    text = row.text(heading)
    if not text:
        return None
    found = book.meant(text, day)
    if isinstance(found, Rule):
        return found
    row.note("E301", heading, found.message, found.remedy)
    return None
