"""Sheets 设置 and 等次标准: the branch's choices, and the grade bands. Pure: part of reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from xl_jifen import layout
from xl_jifen.finding import Finding
from xl_jifen.grid import CellError, as_date, as_number, as_share, as_text, heading_key, reformatted, squeeze
from xl_jifen.period import Cycle
from xl_jifen.register import Band, Points, Settings, as_points
from xl_jifen.table import Row, Table
from xl_jifen.typed import Any

ALIKE = 0.7
"""How much alike (0 to 1, as ``difflib`` measures it) two names are before one is taken for a slip of the other."""


def read_settings(table: Table | None, findings: list[Finding]) -> Settings:
    """Sheet 设置. Missing or invalid items are E803 and take their default."""
    if table is None:
        return Settings()
    setting_of = {heading_key(setting.key): setting for setting in layout.SETTING_ROWS}
    written: dict[str, Row] = {}
    unknown: list[Row] = []
    values: dict[str, Any] = {}
    for row in table.rows(findings):
        setting = setting_of.get(heading_key(row.text(layout.KEY)))
        if setting is None:
            if table.seeming(row.number, layout.KEY) and not row.has(layout.KEY):
                row.note("E803", layout.KEY, f"“{layout.KEY}”是空的", "请写明是哪一项")
            unknown.append(row)
            continue
        if setting.key in written:
            row.note("E803", layout.VALUE, f"“{setting.key}”重复出现", "请删去重复的一行")
            continue
        written[setting.key] = row
        if not row.has(layout.VALUE):
            if table.seeming(row.number, layout.VALUE):
                row.note("E803", layout.VALUE, f"“{setting.key}”是空的", f"请填写“{setting.key}”")
            continue
        value, expected = _setting_value(setting, row)
        if value is None:
            shown = as_text(row.cell(layout.VALUE))
            blank = "" if setting.required else "，或留空"
            plain = reformatted(row.cell(layout.VALUE)) if setting.kind in ("points", "days") else ""
            remedy = f"“{setting.key}”请填写{expected}{plain}{blank}"
            row.note("E803", layout.VALUE, f"“{setting.key}”不能用“{shown}”", remedy)
        else:
            values[setting.key] = value
    heads = Row(table, table.heading_row, (), findings)
    for setting in layout.SETTING_ROWS:
        row = written.get(setting.key, heads)
        if setting.required and not row.has(layout.VALUE) and not table.missing:
            row.note("E803", layout.VALUE, f"缺少设置“{setting.key}”", f"请在“设置”中填写“{setting.key}”")
    _note_misspelt(unknown, [s.key for s in layout.SETTING_ROWS if not s.required and s.key not in written])
    return _assemble(values, written)


def _note_misspelt(unknown: Iterable[Row], absent: Sequence[str]) -> None:
    """E803 for a filled row whose 项目 is nearly that of a setting that is not there; others are the branch's own."""
    for row in unknown:
        if not row.has(layout.VALUE):
            continue
        from difflib import get_close_matches  # hardly ever needed

        written = row.text(layout.KEY)
        for meant in get_close_matches(heading_key(written), absent, n=1, cutoff=ALIKE):
            remedy = f"如果是“{meant}”，请改正名称；如果是自己的内容，请写在别处"
            row.note("E803", layout.KEY, f"没有叫“{written}”的设置，这一行不起作用", remedy)


def _setting_value(setting: layout.Setting, row: Row) -> tuple[object | None, str]:
    """The value of a filled setting, or None; and what is expected, in words."""
    cell = row.cell(layout.VALUE)
    if isinstance(cell, CellError):
        return None, "内容，现在是公式错误"
    number = as_number(cell)
    match setting.kind:
        case "date":
            return as_date(cell), "日期，如 2026-01-01"
        case "points":
            return (None if number is None else as_points(number)), "数字，最多两位小数"
        case "share":
            return as_share(as_text(cell)), "不大于 1 的比例，如 1/3（请先把单元格设为文本格式）"
        case "days":
            valid = number is not None and number.denominator == 1 and number > 0
            return (int(number) if valid and number is not None else None), "大于 0 的整数"
        case "choice":
            key = squeeze(as_text(cell))
            if isinstance(cell, bool) and set(setting.choices) == set(layout.YES_NO):
                key = layout.YES if cell else layout.NO  # a tick box
            return (key if key in setting.choices else None), "以下之一：" + "、".join(setting.choices)
        case "names":
            names = tuple(dict.fromkeys(filter(None, squeeze(as_text(cell)).split(";"))))
            known = bool(names) and set(names) <= set(setting.choices)
            return (names if known else None), "用 ; 隔开的以下内容：" + "、".join(setting.choices)
        case "text":
            return as_text(cell), "文字"


def _assemble(values: dict[str, Any], written: dict[str, Row]) -> Settings:
    """Settings from the valid values; the cycle and the two limits must also agree with each other."""
    start, end = values.pop(layout.CYCLE_START, None), values.pop(layout.CYCLE_END, None)
    cycle = None
    if start and end:
        try:
            cycle = Cycle(start, end)
        except ValueError:
            written[layout.CYCLE_END].note(
                "E803",
                layout.VALUE,
                f"计分周期 {start} 至 {end} 不成立",
                "请改正计分周期开始或计分周期结束，结束不能早于开始，前后最多跨 12 个自然月",
            )
    floor, ceiling = values.get(layout.LOWEST_SCORE), values.get(layout.HIGHEST_SCORE)
    if floor is not None and ceiling is not None and ceiling < floor:
        written[layout.HIGHEST_SCORE].note("E803", layout.VALUE, "最高分低于最低分", "请改正最高分或最低分")
        del values[layout.LOWEST_SCORE], values[layout.HIGHEST_SCORE]
    values.setdefault(layout.ISSUER, values.get(layout.BRANCH, ""))
    if layout.GRADE_PROBATIONARY in values:
        values[layout.GRADE_PROBATIONARY] = values[layout.GRADE_PROBATIONARY] == layout.YES
    field = {setting.key: setting.field for setting in layout.SETTING_ROWS}
    return Settings(cycle=cycle, **{field[key]: value for key, value in values.items()})


def read_bands(table: Table | None, findings: list[Finding]) -> tuple[Band, ...]:
    """Sheet 等次标准, highest first; empty while a row is wrong or the bands do not descend (E803)."""
    if table is None:
        return ()
    bands: list[Band] = []
    row_of: dict[Band, Row] = {}
    sound = complete = not table.missing
    for row in table.rows(findings):
        row.look_over()
        floor, year_floor = row.points(layout.GRADE_FLOOR), row.points(layout.YEAR_GRADE_FLOOR)
        band = Band(row.text(layout.GRADE), floor, year_floor, row.yes(layout.LIMITED, False), row.place)
        if row.faults:
            sound = complete = False
            continue
        if band.limited and any(b.limited for b in bands):
            row.note("E803", layout.LIMITED, "受比例限制的等次多于一个", "“受比例限制”最多一个等次填“是”")
            sound = False
        bands.append(band)
        row_of[band] = row
    for band, heading, message in _disorder(bands, complete=complete):
        sound = False
        row_of[band].note("E803", heading, message, "最低积分、年度最低积分请从高到低填写，最后一档留空")
    return tuple(bands) if sound else ()


def _disorder(bands: list[Band], *, complete: bool) -> Iterator[tuple[Band, str, str]]:
    """The bands out of order: each must lie below the one above; the lowest, and only it, has no bound.

    Which is the lowest is known only when all rows could be read (``complete``).
    """
    for above, band in pairwise(bands):
        if above.floor is None:
            yield above, layout.GRADE_FLOOR, f"“{above.name}”下面还有等次，最低积分不能空"
        elif not _below(above.floor, band.floor):
            yield band, layout.GRADE_FLOOR, f"“{band.name}”的最低积分没有低于上一档“{above.name}”"
        elif not _below(_year_floor(above), _year_floor(band)):
            if band.year_floor is None:
                message = f"“{above.name}”的年度最低积分没有高于下一档“{band.name}”的最低积分"
                yield above, layout.YEAR_GRADE_FLOOR, message
            else:
                yield band, layout.YEAR_GRADE_FLOOR, f"“{band.name}”的年度最低积分没有低于上一档“{above.name}”"
    for band in bands[-1:] if complete else ():
        if band.floor is not None or band.year_floor is not None:
            heading = layout.GRADE_FLOOR if band.floor is not None else layout.YEAR_GRADE_FLOOR
            yield band, heading, f"“{band.name}”是最低一档，没有最低积分"


def _year_floor(band: Band) -> Points | None:
    return band.floor if band.year_floor is None else band.year_floor


def _below(above: Points | None, bound: Points | None) -> bool:
    """Whether a bound may stand under another."""
    return above is None or bound is None or bound < above
