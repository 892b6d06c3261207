"""Upgrading a workbook (升级): a new master with all that its branch wrote, offered only if all figures agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from xl_jifen import Reckoning, layout, reckon
from xl_jifen.disk import assets
from xl_jifen.excel.read.file import read_grids
from xl_jifen.excel.read.package import Package
from xl_jifen.finding import CannotWrite, Finding
from xl_jifen.grid import Cell, Grids, Place, as_text, heading_key, is_blank, squeeze
from xl_jifen.table import Table
from xl_jifen.verbs.done import Done
from xl_jifen.verbs.quarter import MASTERS, Opened, open_workbook


def upgrade(path: Path, now: datetime) -> Done:
    """Put a workbook into a new master, the old file kept beside it; ``files`` are both.

    Raises CannotRead, CannotWrite; also where a cell, a figure, a finding or an archive would not be as before.
    """
    from xl_jifen.disk.save import Seen, ensure_writable, save, write_new
    from xl_jifen.excel.fill.upgraded import upgraded

    opened = open_workbook(path)
    lacking = [finding for finding in opened.reckoning.findings if finding.code in LACKING]
    master = MASTERS.get(path.suffix.lower())
    if master is None:
        raise CannotWrite(f"“{path.name}”的扩展名不对；请先另存为 .xlsx，要功能区按钮的另存为 .xlsm。")
    if any(finding.place.sheet in REGISTER for finding in lacking):
        raise CannotWrite(_mend(lacking))
    seen = Seen.of(path, opened.package.data)
    ensure_writable(seen)
    data, notes = upgraded(assets.asset(master), opened.package, opened.grids, now)
    package = Package.of(data, path.name)
    grids = read_grids(package)
    if difference := next(_differences(opened, grids, _reckoned(path, grids)), ""):
        if first := lacking or [f for f in opened.reckoning.findings if _is_merged(opened.grids, f.place)]:
            raise CannotWrite(_mend(first))
        raise CannotWrite(f"没有升级，原文件没有动：升级后{difference}；请把这句话告诉维护者。")
    old = write_new(_beside(path, now), opened.package.data)
    save(seen, data, now)
    sentences = (
        f"已升级：{path}（内容、积分和校验结果都与原来相同）",
        f"原文件在：{old}",
        *notes,
        *_told_together(opened),
        "批注、自己改过的列宽和颜色没有带过来；下一步请重新计算（xl-jifen recalc 工作簿），写回结果。",
    )
    return Done(sentences, (path, old))


LACKING = ("E811", "E812")
"""What a new master makes good: a sheet or a heading that is not there."""

REGISTER = (layout.SETTINGS.name, layout.ROSTER.name, layout.RULES.name)
"""The sheets without which a workbook is none of ours."""


def _is_merged(grids: Grids, place: Place) -> bool:
    """Whether a cell belongs to a merged range, which a new master has not."""
    grid = grids.get(place.sheet)
    return grid is not None and any(area.holds(place.row, place.column) for area in grid.merged)


def _mend(findings: Sequence[Finding]) -> str:
    """What to mend before a workbook can be upgraded, where that would change figures."""
    first, *others = findings
    more = f"；这样的还有 {len(others)} 处，见校验" if others else ""
    return f"没有升级，原文件没有动：{first.message}；{first.remedy}，再升级{more}。"


def _reckoned(path: Path, grids: Grids) -> Reckoning:
    from xl_jifen.verbs.guarded import guarded

    return guarded(path, grids, reckon(grids))


def _beside(path: Path, now: datetime) -> Path:
    """A name for the old file that nothing has."""
    stem, count = f"{path.stem} 升级前 {now:%Y%m%d}", 1
    while (target := path.with_name(f"{stem}{f'-{count}' if count > 1 else ''}{path.suffix}")).exists():
        count += 1
    return target


# -- the same as before -----------------------------------------------------------------------------------------------


def _differences(before: Opened, grids: Grids, after: Reckoning) -> Iterator[str]:
    """What would not be as it was, in words; nothing if all is."""
    for sheet in layout.SHEETS:
        old, new = _written(before.grids, sheet), _written(grids, sheet)
        for key in old.keys() | new.keys():
            if old.get(key) != new.get(key):
                yield f"“{sheet.name}”{' '.join(map(str, key))} 的内容不同"
    if _figures(before.reckoning) != _figures(after):
        yield "积分不同"
    one, other = _found(before.reckoning, before.grids), _found(after, grids)
    if one != other:
        code, sheet_name, row = next(iter((one - other) + (other - one)))
        yield f"校验结果不同（{code} {sheet_name} 第{row}行）"


def _written(grids: Grids, sheet: layout.Sheet) -> Mapping[tuple[object, str], Cell]:
    """The branch's cells by row and heading; those of 设置 by 项目."""
    grid = grids.get(sheet.name)
    if grid is None or not (table := Table(sheet, grid)).columns:
        return {}
    owned = {column.name for column in sheet.columns if column.owned}
    found: dict[tuple[object, str], Cell] = {}
    filled = [name for name in table.columns if name not in owned]
    for row in range(table.heading_row + 1, len(table.written.rows) + 1):
        cells = {name: table.written.at(row, table.columns[name]) for name in filled}
        if sheet is layout.SETTINGS:
            key = heading_key(as_text(cells.get(layout.KEY)))
            if key and not is_blank(cells.get(layout.VALUE)):
                found.setdefault((key, layout.VALUE), cells[layout.VALUE])
        elif any(not is_blank(cell) for name, cell in cells.items() if name != layout.SERIAL):
            found |= {(f"第{row}行", name): cell for name, cell in cells.items()}
    return found


def _figures(reckoning: Reckoning) -> list[object]:
    """Scores and lines, without the columns in which things stand."""
    ledger = reckoning.ledger
    scores = [
        (s.member.code, str(s.period), s.base, s.bonus, s.deduction, s.score, s.rank, s.grade, s.vetoed, s.remark)
        for s in ledger.scores
    ]
    lines = [(_row(line.entry.place), line.raw, line.counted, line.why) for line in ledger.lines]
    return [sorted(map(repr, scores)), sorted(map(repr, lines))]


def _found(reckoning: Reckoning, grids: Grids) -> Counter[tuple[str, str, int]]:
    """What is found in what the branch wrote: its names of sheets and its headings are the master's afterwards."""
    heads = {
        squeeze(grid.name): Table(sheet, grid).heading_row for sheet in layout.SHEETS if (grid := grids.get(sheet.name))
    }
    found: Counter[tuple[str, str, int]] = Counter()
    for finding in reckoning.findings:
        unseen_above = finding.code == "W103" and finding.place.row <= heads.get(squeeze(finding.place.sheet), 0)
        if finding.code not in LACKING and not unseen_above:
            found[str(finding.code), *_row(finding.place)] += 1
    return found


def _row(place: Place) -> tuple[str, int]:
    """Sheet, whatever its spelling, and row; a row of 设置 may be another."""
    return squeeze(place.sheet), 0 if place.sheet == layout.SETTINGS.name else place.row


def _told_together(opened: Opened) -> Iterator[str]:
    """The rules that a new master tells as one sum (合并) and this workbook tells one by one."""
    shipped = reckon(read_grids(Package.of(assets.asset(MASTERS[".xlsx"]), ""))).register
    merged = {rule.code for rule in shipped.rules if rule.told == layout.SUM_TOLD}
    mine = [rule for rule in opened.reckoning.register.rules if rule.code in merged and rule.told != layout.SUM_TOLD]
    if mine:
        names = "、".join(f"{rule.code} {rule.item}" for rule in mine)
        yield f"新样表公示时把这些规则合并为一个数，本工作簿照旧逐条列明：{names}；要合并的，请在“公示”一列填“合并”。"


# -- when to ----------------------------------------------------------------------------------------------------------


def advice(opened: Opened) -> str:
    """A sentence where a workbook made from our master is of an older one, or another program stripped it; else ""."""
    sheets = opened.package.sheets
    if layout.GUIDE not in sheets:
        return ""
    how = "运行 xl-jifen upgrade 工作簿 可以换上新样表，内容和积分不变，原文件留在旁边。"
    first = opened.grids.get(layout.MONTHS[0].name)
    if first and b"dataValidation" not in opened.package.read(sheets[first.name]):
        return f"这个工作簿的下拉列表和填写检查已经没有了（被别的程序去掉）；{how}"
    rules = opened.grids.get(layout.RULES.name)
    lacking = [sheet.name for sheet in layout.SHEETS if opened.grids.get(sheet.name) is None and not sheet.required]
    if lacking or (rules and layout.HOW_COUNTED not in Table(layout.RULES, rules).columns):
        what = f"没有“{lacking[0]}”等" if lacking else "没有“工具如何计”一列"
        return f"这个工作簿是用旧样表做的（{what}）；{how}"
    return ""
