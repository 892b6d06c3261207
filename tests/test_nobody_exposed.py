"""Nobody is exposed: what leaves the committee's hands, searched byte by byte for what is told to nobody.

A rule whose 公示 is 合并 is told to others than the member only as a sum. All that a branch posts, archives as a copy,
brings to a meeting or hands up is searched for the item, the reasons and the evidence of such rules: the files as they
lie, the parts of zipped ones, the text and the properties of PDFs, the columns of Parquet tables. The same rules with
公示 列明 are found by the same search, so that it is known to look.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pypdfium2
import pytest
import xlsxwriter
from notation import parse
from secretary import run

from xl_jifen import layout
from xl_jifen.disk import shelf
from xl_jifen.grid import Grids
from xl_jifen.period import Period
from xl_jifen.verbs import close, quarter
from xl_jifen.verbs.publish import publish

SECRETS = (
    *("反映采购线索", "举报信原件", "夜不归宿", "社区证明", "邻里殴斗", "派出所调解书", "线索待核"),
    *("越级缠访", "信访登记单", "赡养纠纷", "居委会记录", "河边救起落水者", "目击人证言", "请人看风水", "现场照片"),
)
"""Reasons and evidence of entries under merged rules, counted and pending."""
ITEMS = ("如实反映问题", "生活作风", "违反信访工作秩序", "家庭邻里不和谐", "见义勇为", "参加封建迷信活动")
"""Their items: nowhere in what is posted or handed up, since here each of them is some member's."""
OPEN = "专题党课讲稿"

BRANCH = """
一个支部，随附的四条规则和另外两条合并公示。
套用 基本

## 设置（更改）
| 项目       | 值               |
| 公示内容   | {content}        |
| 公示期天数 | 1                |
| 公示期类型 | 自然日           |

## 积分规则
| 规则编号 | 类型     | 大项         | 小项         | 分值 | 公示   |
| 基1      | 基础分   | 四讲四有     | 做合格党员   | 100  |        |
| 加1      | 加分     | 党建活动     | 主动讲党课   | 2    |        |
| 加3-1    | 加分     | 突出表现     | 见义勇为     | 5    | {told} |
| 加4-2    | 加分     | 监督和批评   | 如实反映问题 | 2    | {told} |
| 减1-2    | 减分     | 政治立场     | 参加封建迷信活动 | 10 | {told} |
| 减2-1    | 减分     | 综治意识     | 违反信访工作秩序 | 10 | {told} |
| 减4-1    | 减分     | 道德行为     | 生活作风     | 10   | {told} |
| 减4-2    | 减分     | 道德行为     | 家庭邻里不和谐 | 5  | {told} |
| 否1      | 一票否决 | 违纪违法     | 违纪         | 0    |        |

## 2月
| 日期       | 姓名 | 规则  | 事由         | 佐证         | 核实人 | 审核状态 |
| 2026-02-03 | 张三 | 加1   | 专题党课讲稿 | 讲稿         |        | 通过     |
| 2026-02-04 | 王五 | 加4-2 | 反映采购线索 | 举报信原件   |        | 通过     |
| 2026-02-05 | 李四 | 减4-1 | 夜不归宿     | 社区证明     | 张三   | 通过     |
| 2026-02-06 | 王五 | 减4-1 | 邻里殴斗     | 派出所调解书 | 李四   | 通过     |
| 2026-02-07 | 李四 | 加4-2 | 线索待核     |              |        | 待审     |
| 2026-02-10 | 李四 | 减2-1 | 越级缠访     | 信访登记单   | 张三   | 通过     |
| 2026-02-11 | 李四 | 减4-2 | 赡养纠纷     | 居委会记录   | 张三   | 通过     |
| 2026-02-12 | 王五 | 加3-1 | 河边救起落水者 | 目击人证言 |        | 通过     |
| 2026-02-13 | 王五 | 减1-2 | 请人看风水   | 现场照片     | 李四   | 通过     |

## 5月
| 日期       | 姓名 | 规则  | 事由         | 佐证         | 核实人 | 审核状态 |
| 2026-05-06 | 王五 | 减4-1 | 邻里殴斗     | 派出所调解书 | 李四   | 通过     |
| 2026-05-06 | 王五 | 减4-1 | 邻里殴斗     | 派出所调解书 | 李四   | 通过     |

## 期望
### 发现
| 代码 | 位置 |
"""


@pytest.fixture(params=[layout.FIGURES_ONLY, layout.POINTS_ONLY, layout.WITH_REASONS])
def content(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def published(folder: Path, content: str, told: str) -> dict[str, Path]:
    """Everything a branch gives away, by what it is: the folder or file it lies in."""
    book = folder / "一支部" / "党员积分.xlsx"
    book.parent.mkdir()
    write(book, parse(BRANCH.format(content=content, told=told)).grids)
    first = Period.of_quarter(2026, 1)
    publish(quarter.open_workbook(book), first, datetime(2026, 4, 2, 9))
    close.close(quarter.open_workbook(book), first, datetime(2026, 4, 14, 9))
    for verb in ("appraise", "meeting"):
        run(verb, book)
    run("rollup", book.parent, "--out", folder / "汇总.xlsx", "--parquet", folder / "表")
    home = book.parent
    return {
        "公示": home / "公示",
        "归档": shelf.copies_of(home, first),
        "民主评议": home / "民主评议",
        "组织生活会": home / "组织生活会",
        "汇总": folder / "汇总.xlsx",
        "汇总表": folder / "表",
    }


def write(path: Path, grids: Grids) -> None:
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    for grid in grids:
        sheet = book.add_worksheet(grid.name)
        for row, cells in enumerate(grid.rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(row, column, datetime.combine(cell, datetime.min.time()))
                elif cell is not None:
                    sheet.write(row, column, cell)
    book.close()


def texts(place: Path) -> Iterator[tuple[str, bytes]]:
    """Every text that can be taken out of the files of a place, by where it was."""
    files = sorted(place.rglob("*")) if place.is_dir() else [place]
    for file in filter(Path.is_file, files):
        data = file.read_bytes()
        yield file.name, file.name.encode() + b"\n" + data
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for part in archive.namelist():
                    yield f"{file.name}/{part}", archive.read(part)
        elif file.suffix == ".pdf":
            document = pypdfium2.PdfDocument(data)
            told = [sheet.get_textpage().get_text_range() for sheet in document]
            told += document.get_metadata_dict().values()
            yield f"{file.name}/文字", "".join("".join(told).split()).encode()
        elif file.suffix == ".parquet":
            parquet = pytest.importorskip("pyarrow.parquet")
            yield f"{file.name}/内容", str(parquet.read_table(file).to_pydict()).encode()


def found(places: dict[str, Path], words: tuple[str, ...]) -> dict[str, set[str]]:
    """Where each of the words stands, in whatever encoding."""
    there: dict[str, set[str]] = {}
    for kind, place in places.items():
        for _, data in texts(place):
            for word in words:
                if any(word.encode(encoding) in data for encoding in ("utf-8", "utf-16-le", "gbk")):
                    there.setdefault(kind, set()).add(word)
    return there


@pytest.mark.slow
def test_nothing_of_merged_rules_leaves_the_committee(tmp_path: Path, content: str) -> None:
    places = published(tmp_path, content, layout.SUM_TOLD)
    assert all(place.exists() for place in places.values())
    sums = {*layout.OTHERS.values()}
    there = found(places, (*SECRETS, *ITEMS, *sums, OPEN))
    assert {kind: words - sums - {OPEN} for kind, words in there.items() if words - sums - {OPEN}} == {}
    assert {"组织生活会", "汇总", "汇总表"} <= {kind for kind, words in there.items() if words & sums}
    told = there.get("公示", set())
    assert bool(told & sums) == (OPEN in told) == (content == layout.WITH_REASONS)


@pytest.mark.slow
def test_the_same_search_finds_what_is_told(tmp_path: Path, content: str) -> None:
    there = found(published(tmp_path, content, layout.EACH_TOLD), (*SECRETS, *ITEMS))
    assert set(ITEMS) <= there["组织生活会"]
    assert {"反映采购线索", "夜不归宿", "邻里殴斗", "越级缠访", "请人看风水"} <= there["组织生活会"]
    assert set(ITEMS) <= there["汇总"] & there["汇总表"]
    assert ("公示" in there) == ("归档" in there) == (content == layout.WITH_REASONS)
