"""The parts of the README that are made from the code: findings, commands, worked examples (from tests/cases).

Each stands between ``<!-- name … -->`` and ``<!-- /name -->``; ``pytest --update`` rewrites them.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence

from notation import CASES, Case, read

import xl_jifen
from xl_jifen import layout
from xl_jifen.catalogue import CATALOGUE, level_of
from xl_jifen.doors.cli import arguments, cli
from xl_jifen.register import Line, points_text
from xl_jifen.table import Table

PART = re.compile(r"(<!-- (findings|commands|example)(?: ([^\s:]+))?:[^>]*-->\n).*?(<!-- /\2 -->)", re.DOTALL)


def with_parts(text: str) -> str:
    """The README with every such part made anew."""
    made = {"findings": lambda _: findings(), "commands": lambda _: commands(), "example": example}
    return PART.sub(lambda match: match[1] + made[match[2]](match[3]) + match[4], text)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, without the columns that are empty in every row."""
    kept = [column for column in range(len(heads)) if any(row[column] for row in rows)]
    head, *body = (f"| {' | '.join(row[column] for column in kept)} |\n" for row in (heads, *rows))
    return "".join((head, "|---" * len(kept), "|\n", *body))


def findings() -> str:
    """The catalogue of findings."""
    rows = [(code, level_of(code), e.title, e.meaning, e.remedy) for code, e in CATALOGUE.items()]
    return table(("代码", "级别", "标题", "意思", "怎么改"), rows)


def commands() -> str:
    """Every command: how it is written, what it does, its arguments and options."""
    return "\n".join(_command(name, parser) for name, parser in parsers().items())


def parsers() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command, in the order of the help."""
    (verbs,) = (a for a in cli._parser()[0]._actions if isinstance(a, argparse._SubParsersAction))
    return dict(verbs.choices)


def _command(name: str, parser: argparse.ArgumentParser) -> str:
    actions = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]
    actions.sort(key=lambda action: bool(action.option_strings))
    usage = arguments.usage(parser)
    told = "".join(f"- `{arguments.name_of(action)}`：{(action.help or '').replace('%%', '%')}\n" for action in actions)
    return f"#### {name}\n\n`{usage}`\n\n{parser.description}\n" + (f"\n{told}" if told else "")


def example(name: str) -> str:
    """A case of tests/cases, reckoned: its rules, each entry with what was counted and why, and the scores it lists."""
    case = read(CASES / f"{name}.txt")
    reckoning = xl_jifen.reckon(case.grids)
    notes: dict[tuple[str, int], str] = {(f.place.sheet, f.place.row): f.message for f in reckoning.findings}
    used = dict.fromkeys(line.entry.rule.code for line in reckoning.ledger.lines if line.entry.rule)
    rows = [_entry(case, line, notes) for line in reckoning.ledger.lines]
    rows.sort(key=lambda row: [month.name for month in layout.MONTHS].index(row[0]))
    heads = ("登记在", "日期", "姓名", "规则", "数量", "冲销", "原始分", "计入分", "说明")
    parts = ["".join((case.title, *case.argument)), "\n".join(_rules(case, list(used))), table(heads, rows)]
    if scores := "；".join(_scores(case, reckoning)):
        parts.append(f"积分：{scores}。\n")
    return "\n".join(f"{part.rstrip()}\n" for part in parts)


def _rules(case: Case, codes: list[str]) -> Iterator[str]:
    """The rules used and their groups, with what is filled in of each."""
    groups: set[str] = set()
    for cells in _rows(case, layout.RULES):
        if cells["规则编号"] in codes:
            name = f"{cells.pop('规则编号')} {cells.pop('小项')}"
            kind = cells.pop("类型")
            del cells["大项"]
            groups |= set(cells.get("计分组", "").split(";"))
            yield f"- 规则“{name}”（{kind}）：" + "，".join(f"{head} {cell}" for head, cell in cells.items())
    for cells in _rows(case, layout.GROUPS):
        if cells["组名"] in groups:
            name = cells.pop("组名")
            yield f"- 计分组“{name}”：" + "，".join(f"{head} {cell}" for head, cell in cells.items())


def _rows(case: Case, sheet: layout.Sheet) -> Iterator[dict[str, str]]:
    """The filled cells of each row of a sheet, by heading."""
    grid = case.grids.get(sheet.name)
    assert grid is not None
    columns = Table(sheet, grid).columns
    for row in range(2, len(grid.rows) + 1):
        cells = {head: grid.at(row, column) for head, column in columns.items()}
        yield {head: str(cell) for head, cell in cells.items() if cell is not None}


def _entry(case: Case, line: Line, notes: dict[tuple[str, int], str]) -> tuple[str, ...]:
    entry = line.entry
    assert entry.member is not None
    assert entry.rule is not None
    sheet = next(s for s in layout.MONTHS if s.name == entry.place.sheet)
    cells = list(_rows(case, sheet))[entry.place.row - 2]
    return (
        *(sheet.name, cells["日期"], entry.member.name, entry.rule.code, cells.get("数量", ""), cells.get("冲销", "")),
        *(points_text(line.raw), points_text(line.counted), notes.get((sheet.name, entry.place.row), "")),
    )


def _scores(case: Case, reckoning: xl_jifen.Reckoning) -> Iterator[str]:
    """The scores the case lists, member by member."""
    scores = {
        ("全年" if score.period.is_year else str(score.period), score.member.name): (
            f"{score.period.short} {points_text(score.score)} 分"
        )
        for score in reckoning.ledger.scores
    }
    told: dict[str, list[str]] = {}
    for row in case.expected["积分"].rows if "积分" in case.expected else ():
        name, period = row.cells["党员"], row.cells["周期"]
        told.setdefault(name, []).append(scores[period, name])
    for name, periods in told.items():
        yield f"{name} {'，'.join(periods)}"
