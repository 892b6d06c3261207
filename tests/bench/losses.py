"""What saving a workbook costs: feature by feature, openpyxl's load and save beside ``recalc``, on the same workbooks.

Run by hand: ``python tests/bench/losses.py``. A feature is counted by its marks in the file: parts by name, or words
in parts. ✓ is as many as before, ◐ fewer, ✗ none; = says that every part with such a mark is the same byte for byte. (A
formula somebody put into 计入分, column N, gives way to the figure and is not counted.)
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import openpyxl

sys.path.insert(0, str(Path(__file__).parents[1]))

from books import parts_of, zoo
from owned_branch import grids, user_workbook

from xl_jifen.excel.read.package import Package
from xl_jifen.verbs import quarter

NOW = datetime(2026, 10, 8, 9, 30)


class Feature(NamedTuple):
    """A feature, the parts it shows in, and its mark in them (none: the parts themselves)."""

    name: str
    parts: str
    mark: str = ""


SHEETS, DRAWINGS = r"xl/worksheets/[^/]+\.xml", r"xl/drawings/[^/]+\.xml"
FEATURES = (
    Feature("图片 pictures", r"xl/media/"),
    Feature("图片的说明 picture descriptions", DRAWINGS, r'descr="支部照片"'),
    Feature("页眉图片 header pictures", SHEETS, r"<legacyDrawingHF"),
    Feature("形状、文本框 shapes", DRAWINGS, r"<xdr:sp\b"),
    Feature("批注 notes", r"xl/comments[^/]*\.xml|xl/comments/", r"<comment\b"),
    Feature("批注框的样子 shapes of notes", r".*\.vml", r'ObjectType="Note"'),
    Feature("线程批注 threaded comments", r"xl/threadedComments/"),
    Feature("批注人 persons", r"xl/persons/"),
    Feature("图表 charts", r"xl/charts/chart"),
    Feature("切片器 slicers", r"xl/slicers/"),
    Feature("切片器在表上 slicers on the sheet", SHEETS, r"<x14:slicer\b"),
    Feature("迷你图 sparklines", SHEETS, r"<x14:sparkline\b"),
    Feature("WPS 嵌入单元格图片 in-cell pictures", r"xl/cellimages\.xml"),
    Feature("DISPIMG 公式与其值 their formulas", SHEETS, r"DISPIMG[^<]*</f><v>[^<]+<"),
    Feature("单元格内多种字体 rich text", r"xl/sharedStrings\.xml|" + SHEETS, r"<r><rPr>"),
    Feature("功能区 customUI", r"customUI/"),
    Feature("宏 vbaProject", r"xl/vbaProject\.bin"),
    Feature("自定义 XML custom XML", r"customXml/item"),
    Feature("窗体按钮 form buttons", r".*\.vml", r'ObjectType="Button"'),
    Feature("控件属性 control properties", r"xl/ctrlProps/"),
    Feature("跨表数据验证 x14 validation", SHEETS, r"<x14:dataValidation\b"),
    Feature("扩展条件格式 x14 formatting", SHEETS, r"<x14:dataBar\b"),
    Feature("忽略的错误 ignored errors", SHEETS, r"<ignoredError\b"),
    Feature("打印机设置 printer settings", r"xl/printerSettings/"),
    Feature("公式的结果 cached results", SHEETS, r'<c r="(?!N)[^>]*><f>[^<]*</f><v>[^<]+</v>'),
    Feature("表格 tables", r"xl/tables/"),
    Feature("名称 names", r"xl/workbook\.xml", r"<definedName\b"),
    Feature("数据验证 validation", SHEETS, r"<dataValidation\b"),
    Feature("条件格式 formatting", SHEETS, r"<cfRule\b"),
    Feature("冻结窗格 frozen panes", SHEETS, r"<pane\b"),
)


def workbooks(folder: Path) -> dict[str, bytes]:
    """The same ones for both: a month with everything on it, a branch with a sheet of its own, the example."""
    branch = grids(3, members=12, entries=60)
    return {
        "full.xlsm": zoo(branch),
        "own.xlsx": user_workbook(branch),
        "example.xlsx": quarter.example(folder / "example.xlsx").read_bytes(),
        "example.xlsm": quarter.example(folder / "example.xlsm").read_bytes(),
    }


def by_openpyxl(data: bytes, name: str) -> bytes:
    """Loaded and saved, nothing else; macros kept where there are some."""
    out = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(data), keep_vba=name.endswith("m"), rich_text=True).save(out)
    return out.getvalue()


def by_recalc(data: bytes, name: str, folder: Path) -> bytes:
    """Results written, by the command."""
    path = folder / name
    path.write_bytes(data)
    quarter.recalculate(quarter.open_workbook(path), NOW)
    return path.read_bytes()


def marks(parts: Mapping[str, bytes], feature: Feature, own: set[str]) -> dict[str, int]:
    """How often the feature shows in each part, the sheets the tool owns and what belongs to them left out."""
    found = {}
    for name, content in parts.items():
        if name not in own and re.match(feature.parts, name):
            count = len(re.findall(feature.mark.encode(), content)) if feature.mark else 1
            if count:
                found[name] = count
    return found


def owned(before: Mapping[str, bytes], data: bytes) -> set[str]:
    """The parts ``recalc`` added."""
    return set(parts_of(data)) - set(before) if "看板" in Package.of(data, "x").sheets else set()


def verdict(before: Mapping[str, bytes], after: Mapping[str, bytes], feature: Feature, own: set[str]) -> str:
    """What became of the feature."""
    old, new = marks(before, feature, set()), marks(after, feature, own)
    if not old:
        return "·"
    kept, all_of_them = sum(new.values()), sum(old.values())
    word = "✓" if kept >= all_of_them else "◐" if kept else "✗"
    return word + ("=" if all(after.get(name) == before[name] for name in old) else "")


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        books = workbooks(folder)
        parts = {name: parts_of(data) for name, data in books.items()}
        ways = {}
        for name, data in books.items():
            ways[name, "openpyxl"] = by_openpyxl(data, name)
            ways[name, "recalc"] = by_recalc(data, name, folder)
    print(f"| {'feature':44} | " + " | ".join(f"{name} {way}" for name, way in ways) + " |")
    print("|---" * (len(ways) + 1) + "|")
    for feature in FEATURES:
        cells = [
            verdict(parts[name], parts_of(data), feature, owned(parts[name], data) if way == "recalc" else set())
            for (name, way), data in ways.items()
        ]
        print(f"| {feature.name} | " + " | ".join(cells) + " |")
    for (name, way), data in ways.items():
        before, after = parts[name], parts_of(data)
        same = sum(after.get(part) == content for part, content in before.items())
        gone = sorted(part for part in before if part not in after)
        print(
            f"{name} {way}: of {len(before)} parts {same} the same byte for byte, {len(gone)} gone: {', '.join(gone)}"
        )


if __name__ == "__main__":
    main()
