"""The tables of a rollup as data frames (pandas) and Parquet files: branches, scores, rules and findings.

``TABLES`` is their documented schema: whoever reads the files may rely on names and types. Files that are not counted
(unreadable ones and repetitions) have one row in branches, its ``note`` saying why, and none elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from xl_jifen.catalogue import level_of
from xl_jifen.derive.branch import PeriodSums
from xl_jifen.disk.refusal import reason
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.publish.rollup.listed import Listed
from xl_jifen.register import Points

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]

POINTS = "decimal(38,2)"
BATCH = 100
"""Files that become one row group; more are never held in memory."""


class Field(NamedTuple):
    """A column: its name, type (text, integer, boolean, day, or points with two decimals), and what it says."""

    name: str
    kind: str
    words: str


FILE = (Field("file", "text", "文件，相对于汇总所在的文件夹"), Field("branch", "text", "支部名称"))
TABLES: Mapping[str, tuple[Field, ...]] = {
    "branches": (
        *FILE,
        Field("parent", "text", "上级党组织"),
        Field("cycle_start", "day", "计分周期开始"),
        Field("cycle_end", "day", "计分周期结束"),
        Field("scheme", "text", "积分规则的指纹，相同即规则相同"),
        Field("note", "text", "没有计入的原因；计入的为空"),
        Field("period", "text", "2026Q3 或 year；没有计入的为空"),
        Field("submitted", "boolean", "该期有没有登记或考勤"),
        Field("members", "integer", "计分党员"),
        Field("entries", "integer", "登记：月份表的行和考勤的人次，未计入的也算"),
        Field("errors", "integer", "该期各行上的错误；year 为全部"),
        Field("warnings", "integer", "该期各行上的警告；year 为全部"),
        Field("mean", POINTS, "平均积分"),
        Field("median", POINTS, "中位数"),
        Field("deviation", POINTS, "标准差（总体）"),
        Field("highest", POINTS, "最高积分"),
        Field("lowest", POINTS, "最低积分"),
        Field("graded", "integer", "有建议等次的人数"),
        Field("best", "integer", "其中最高一档的人数"),
        Field("vetoed", "integer", "一票否决的人数"),
        Field("present", "integer", "到会人次（参加、迟到早退）"),
        Field("named", "integer", "登记的全部人次"),
    ),
    "scores": (
        *FILE,
        Field("member", "text", "党员编号（不含姓名）"),
        Field("period", "text", "2026Q3 或 year"),
        Field("base", POINTS, "基础分"),
        Field("bonus", POINTS, "该期加分"),
        Field("deduction", POINTS, "该期减分"),
        Field("score", POINTS, "积分"),
        Field("rank", "integer", "支部内名次；不排名的为空"),
        Field("grade", "text", "建议等次；不评的为空"),
        Field("vetoed", "boolean", "是否一票否决"),
    ),
    "rules": (
        *FILE,
        Field("code", "text", "规则编号"),
        Field("kind", "text", "类型"),
        Field("block", "text", "大项"),
        Field("item", "text", "小项"),
        Field("entries", "integer", "登记"),
        Field("scored", "integer", "其中得分的"),
        Field("raw", POINTS, "原始分合计"),
        Field("counted", POINTS, "计入分合计"),
        Field("capped", "integer", "达到封顶的"),
        Field("highest_only", "integer", "就高不重复的"),
        Field("over_times", "integer", "超过限次的"),
        Field("refused", "integer", "有错误、待审或不通过的"),
    ),
    "findings": (
        *FILE,
        Field("level", "text", "错误 或 警告"),
        Field("code", "text", "代码"),
        Field("sheet", "text", "工作表"),
        Field("row", "integer", "行"),
        Field("column", "integer", "列，从 1 起；0 为整行"),
        Field("message", "text", "问题"),
        Field("remedy", "text", "怎么改"),
    ),
}


def ensure_available() -> None:
    """Raise CannotRead where pandas or pyarrow is missing."""
    try:
        import pandas  # noqa: F401 - whether it is there
        import pyarrow.parquet  # type: ignore[import-untyped]  # noqa: F401 - the same
    except ImportError:
        raise CannotRead("生成 Parquet 需要 pandas 和 pyarrow；请先运行 pip install pandas pyarrow。") from None


def write(listed: Iterable[Listed], folder: Path) -> list[Path]:
    """Write the four Parquet files into a folder, each whole or not at all, replacing earlier ones.

    Raises CannotWrite.
    """
    import pyarrow as pa
    from pyarrow import parquet

    paths = {name: folder / f"{name}.parquet" for name in TABLES}
    unfinished = {name: path.with_suffix(".parquet.tmp") for name, path in paths.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            writers = {
                name: stack.enter_context(parquet.ParquetWriter(path, _schema(name), compression="zstd"))
                for name, path in unfinished.items()
            }
            for batch in _frames(listed):
                for name, frame in batch.items():
                    writers[name].write_table(pa.Table.from_pandas(frame, writers[name].schema, preserve_index=False))
        for name, path in unfinished.items():
            path.replace(paths[name])
    except OSError as error:
        words = f"没有写成“{folder}”中的 Parquet 文件（{reason(error)}）；请检查磁盘空间和权限后再试。"
        raise CannotWrite(words) from error
    finally:
        with suppress(OSError):  # as above, where the folder is a file
            for path in unfinished.values():
                path.unlink(missing_ok=True)
    return list(paths.values())


def _frames(listed: Iterable[Listed]) -> Iterator[dict[str, pd.DataFrame]]:
    listed = iter(listed)
    yield frames(islice(listed, BATCH))  # also of no file at all, so that every Parquet file has its schema
    while batch := list(islice(listed, BATCH)):
        yield frames(batch)


def frames(listed: Iterable[Listed]) -> dict[str, pd.DataFrame]:
    """The four tables of these files, by the names of ``TABLES``; values are Python objects of the types there."""
    import pandas as pd

    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
    for file in listed:
        for name, rows_of in _ROWS.items():
            rows[name] += rows_of(file)
    return {
        name: pd.DataFrame(rows[name], columns=[field.name for field in fields], dtype=object)
        for name, fields in TABLES.items()
    }


def _schema(name: str) -> Any:
    import pyarrow as pa

    types = {
        "text": pa.string(),
        "integer": pa.int64(),
        "boolean": pa.bool_(),
        "day": pa.date32(),
        POINTS: pa.decimal128(38, 2),
    }
    return pa.schema(pa.field(field.name, types[field.kind], metadata={"说明": field.words}) for field in TABLES[name])


def _branches(file: Listed) -> Iterator[tuple[Any, ...]]:
    result = file.result
    start, end = (date.fromisoformat(day) if day else None for day in (result.start, result.end))
    before = (file.file, result.branch or None, result.parent or None, start, end, result.scheme or None)
    if file.trouble:
        yield (*before, file.trouble, *[None] * (len(TABLES["branches"]) - len(before) - 1))
        return
    for sums in result.periods:
        yield (*before, None, *_period(sums))


def _period(sums: PeriodSums) -> tuple[Any, ...]:
    lie: Sequence[Points | None] = sums.spread or [None] * 5
    return (
        *(sums.period, sums.submitted, sums.members, sums.entries, sums.errors, sums.warnings),
        *map(_points, lie),
        *(sums.graded, sums.best, sums.vetoed, sums.present, sums.named),
    )


def _scores(file: Listed) -> Iterator[tuple[Any, ...]]:
    for score in () if file.trouble else file.result.scores:
        member, period, base, bonus, deduction, points, rank, grade, vetoed = score
        figures = map(_points, (base, bonus, deduction, points))
        yield (*_file(file), member, period, *figures, rank, grade, vetoed)


def _rules(file: Listed) -> Iterator[tuple[Any, ...]]:
    for rule in () if file.trouble else file.result.rules:
        code, kind, block, item, entries, scored, raw, counted, *cuts = rule
        yield (*_file(file), code, kind, block, item, entries, scored, _points(raw), _points(counted), *cuts)


def _findings(file: Listed) -> Iterator[tuple[Any, ...]]:
    for problem in () if file.trouble else file.result.problems:
        yield (*_file(file), level_of(problem.code), *problem)


def _file(file: Listed) -> tuple[str, str | None]:
    return file.file, file.result.branch or None


def _points(points: Points | None) -> Decimal | None:
    return None if points is None else Decimal(points).scaleb(-2)


_ROWS: Mapping[str, Callable[[Listed], Iterator[tuple[Any, ...]]]] = {
    "branches": _branches,
    "scores": _scores,
    "rules": _rules,
    "findings": _findings,
}
