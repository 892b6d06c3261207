"""Which workbooks a rollup is about (汇总的范围): folders, patterns, lists and URLs become one file after the other.

Nothing is opened here but lists. A workbook in a format that cannot be read is kept, so that it is told.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from xl_jifen.disk.folders import OWN_FOLDERS
from xl_jifen.disk.save import look as read_whole
from xl_jifen.finding import CannotRead

SUFFIXES = frozenset((".xlsx", ".xlsm", ".xls", ".xlsb", ".et", ".ods"))
"""The first two can be read; the others are told with what to do."""

TEMPORARY = ("~$", ".~", ".")
"""How files begin that Excel, WPS or LibreOffice put beside an open one, and hidden files."""


def workbooks(sources: Iterable[str], besides: Path) -> Iterator[str]:
    """Every workbook of the sources, sorted within each: local ones by absolute path, others by URL.

    A source is a folder, a file, a pattern such as ``*/党员积分.xlsx``, a text file with one of these a line, or a URL
    that fsspec knows. ``besides`` (the summary itself) is left out. Raises CannotRead for a source that is not there.
    """
    own = str(besides.resolve())
    for source in sources:
        for url in _of(source, Path()):
            if url != own:
                yield url


def is_remote(url: str) -> bool:
    """Whether fsspec has to be asked."""
    return "://" in url


def name_of(url: str) -> str:
    """The file's name."""
    return PurePosixPath(url).name if is_remote(url) else Path(url).name


def _of(source: str, beside: Path) -> Iterator[str]:
    if is_remote(source):
        yield from _remote(source)
        return
    path = beside / source
    if path.is_dir():
        yield from _folder(path)
    elif path.suffix.lower() == ".txt" and path.is_file():
        yield from _list(path)
    elif path.exists():
        yield _whereabouts(path)
    elif glob.has_magic(source):
        found = sorted(glob.glob(str(path), recursive=True), key=_by_name)  # noqa: PTH207, a pattern may be absolute
        if not found:
            raise CannotRead(f"没有与“{source}”相符的文件或文件夹；请检查写法。")
        for name in found:
            if Path(name).is_dir():
                yield from _folder(Path(name))
            elif _is_workbook(Path(name).parts[-1:]):
                yield _whereabouts(Path(name))
    else:
        raise CannotRead(f"找不到“{path}”；请检查文件名和所在的文件夹。")


def _folder(folder: Path) -> Iterator[str]:
    """The workbooks below a folder; a folder that may not be looked into stands for itself."""
    closed: list[OSError] = []
    for where, folders, files in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(name for name in folders if name not in OWN_FOLDERS and not name.startswith("."))
        for name in sorted(files, key=_by_name):
            if _is_workbook((name,)):
                yield _whereabouts(Path(where, name))
    for error in closed:
        yield _whereabouts(Path(str(error.filename)))


def _whereabouts(path: Path) -> str:
    """Where a file really lies, so that it is counted once; a link that leads nowhere stands for itself."""
    real = path.resolve()
    return str(real if real.exists() else path.absolute())


def _by_name(name: str) -> tuple[str, str, str]:
    """Sorts ``1.xlsx`` before ``1 副本.xlsx``: of two copies the first is counted."""
    path = PurePath(name)
    return str(path.parent), path.stem, path.suffix


def _is_workbook(parts: tuple[str, ...]) -> bool:
    *folders, name = parts
    return (
        Path(name).suffix.lower() in SUFFIXES
        and not name.startswith(TEMPORARY)
        and not OWN_FOLDERS.intersection(folders)
    )


def _list(path: Path) -> Iterator[str]:
    """The sources in a text file, one a line, relative to it."""
    _, data = read_whole(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")
    for line in filter(None, map(str.strip, text.splitlines())):
        if Path(line).suffix.lower() == ".txt":
            raise CannotRead(f"清单“{path.name}”里不能再写清单（{line}）；请直接写文件或文件夹。")
        yield from _of(line, path.parent)


def _remote(url: str) -> Iterator[str]:
    system, path = remote(url)
    try:
        if glob.has_magic(path):
            found = system.glob(path)
        elif system.isdir(path):
            found = system.find(path)
        else:
            yield url
            return
    except Exception as error:  # each file system has errors of its own
        raise CannotRead(f"列不出“{url}”中的文件；请检查地址和权限（原话：{error}）。") from error
    root = PurePosixPath(path)
    for name in sorted(found, key=_by_name):
        below = PurePosixPath(name)
        if _is_workbook(below.relative_to(root).parts if below.is_relative_to(root) else below.parts[-1:]):
            yield system.unstrip_protocol(name)


def remote(url: str) -> tuple[Any, str]:
    """The file system of a URL and the path in it. Raises CannotRead."""
    try:
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]
    except ImportError:
        raise CannotRead("没有安装 fsspec；请先运行 pip install fsspec。") from None
    try:
        system, path = url_to_fs(url)
    except (ImportError, ValueError, OSError) as error:
        raise CannotRead(f"打不开“{url}”；请检查地址，或安装 fsspec 对应的支持包（原话：{error}）。") from None
    return system, path
