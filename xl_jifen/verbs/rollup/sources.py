"""Which workbooks a rollup is about (汇总的范围): folders, patterns, lists and URLs become one file after the other.

Nothing is opened here but lists. Whatever lies there and is no workbook is kept too, so that it is told.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, NamedTuple

from xl_jifen.catalogue import HINT, WARNING, Level
from xl_jifen.disk import links
from xl_jifen.disk.folders import OWN_FOLDERS, OWN_TEMPLATES
from xl_jifen.disk.save import asked_for
from xl_jifen.disk.save import look as read_whole
from xl_jifen.finding import CannotRead

SUFFIXES = frozenset((".xlsx", ".xlsm", ".xls", ".xlsb", ".et", ".ods"))
"""The first two can be read; the others are told with what to do."""

TEMPORARY = ("~$", ".~", ".")
"""How files begin that Excel, WPS or LibreOffice put beside an open one, and hidden files."""

JOURNAL = ".续算.sqlite"
"""The journal of ``汇总.xlsx`` is ``汇总.续算.sqlite`` beside it."""


def _suffixes(words: str) -> frozenset[str]:
    return frozenset(f".{word}" for word in words.split())


_OURS = (JOURNAL, f"{JOURNAL}-journal", ".parquet")
_SYSTEMS = frozenset(("thumbs.db", "desktop.ini"))

PICTURES = _suffixes(
    "jpg jpeg jfif png gif bmp tif tiff webp heic heif avif ico svg psd emf wmf mp3 m4a wav amr aac wma mp4 mov avi"
    " mkv wmv flv 3gp m4v ttf otf ttc lnk url"
)
"""There may be thousands in a folder: those of a kind are told together, as ``*.jpg``."""

_PACKED = _suffixes("zip rar 7z tar gz tgz bz2 xz cab arj lzh zipx z01 001 iso zst")
_TEMPLATES = _suffixes("xltx xltm xlt ett ots")
_TABLES = _suffixes("csv tsv numbers fods sxc uos uof dbf slk dif prn xlam xla gnumeric xml")
_DOCUMENTS = _suffixes(
    "doc docx docm dot dotx wps wpt odt rtf txt md pdf ofd ppt pptx pps dps dpt odp htm html mht eml msg json log"
    " typ toml exe msi bat cmd ps1 py"
)


class Unread(NamedTuple):
    """What is told of a file that nobody tries to read: how grave that is, what it is, and what to do."""

    level: Level
    what: str
    remedy: str


def unread(name: str) -> Unread | None:
    """Why a file of that name is not read; None for a workbook."""
    path = PurePath(name)
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return None
    as_xlsx = "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（*.xlsx）”后再汇总"
    if suffix in _PACKED:
        return Unread(WARNING, "是压缩包", "请解压后再汇总")
    if suffix in _TEMPLATES:
        return Unread(WARNING, f"是表格模板（{suffix}）", as_xlsx)
    if suffix in _TABLES:
        return Unread(WARNING, f"是 {suffix} 表格，不是工作簿", as_xlsx)
    if not suffix:
        return Unread(WARNING, "没有扩展名", "是工作簿的请改名，在末尾补上 .xlsx；不是的请移出")
    if suffix in _DOCUMENTS:
        return Unread(HINT, f"是 {suffix} 文件，不是工作簿", "里面有要汇总的积分表，请另存为 .xlsx；没有的不用管")
    if suffix in PICTURES:
        return Unread(HINT, "是图片、音像一类的文件", "不用管，也可以移出")
    return Unread(WARNING, f"扩展名“{path.suffix}”不认识", "是工作簿的请改名或另存为 .xlsx；不是的请移出")


def workbooks(sources: Iterable[str], besides: Path) -> Iterator[str]:
    """Every workbook of the sources, and whatever else lies there, sorted: local ones by absolute path, others by URL.

    A source is a folder, a file, a pattern such as ``*/党员积分.xlsx``, a text file with one of these a line, or a URL
    that fsspec knows. ``besides`` (the summary itself) is left out. Raises CannotRead for a source that is not there.
    """
    own = str(besides.resolve())  # not even told
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
            elif _is_theirs(Path(name).parts[-1:]):
                yield _whereabouts(Path(name))
    else:
        raise CannotRead(f"找不到“{path}”；{asked_for(path)}请检查文件名和所在的文件夹。")


def _folder(folder: Path) -> Iterator[str]:
    """What lies below a folder. A folder that may not be looked into stands for itself, and so does a link to one."""
    closed: list[OSError] = []
    for where, folders, files in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(name for name in folders if name not in OWN_FOLDERS and not name.startswith("."))
        yield from (str(Path(where, name).absolute()) for name in folders if links.is_link(Path(where, name)))
        folders[:] = [name for name in folders if not links.is_link(Path(where, name))]
        pictures: set[str] = set()
        for name in sorted(files, key=_by_name):
            suffix = Path(name).suffix.lower()
            if not _is_theirs((name,)) or (Path(where).name == OWN_TEMPLATES and suffix not in SUFFIXES):
                continue
            if suffix in PICTURES:
                pictures.add(suffix)
            else:
                yield _whereabouts(Path(where, name))
        yield from (str(Path(where, f"*{suffix}").absolute()) for suffix in sorted(pictures))
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


def _is_theirs(parts: tuple[str, ...]) -> bool:
    """Whether a file is one that a branch handed in, not the tool's own or the system's."""
    *folders, name = parts
    own = name.endswith(_OURS) or name.startswith(TEMPORARY) or name.lower() in _SYSTEMS
    return not own and not OWN_FOLDERS.intersection(folders)


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
        if _is_theirs(below.relative_to(root).parts if below.is_relative_to(root) else below.parts[-1:]):
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
