"""Putting bytes on the disk (保存): the user's file is the old one or the new one at every instant, and never neither.

A file is looked at once (:class:`Seen`); it is replaced only if it is still that file, is open nowhere, and has a
verified backup (备份). This room knows folders, rights and locks, and nothing about workbooks.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import NamedTuple

from xl_jifen.budget import Budget, Kind
from xl_jifen.disk import links
from xl_jifen.disk.folders import BACKUPS, OWN_FOLDERS, is_device
from xl_jifen.disk.refusal import FETCH, NOT_FETCHED, SHORTEN, is_held, is_too_long, no_folder, reason
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.grid import Nearest

BACKUPS_KEPT = 20
_TEMPORARY = re.compile(r"\.xl-jifen-[0-9a-f]{16}\.tmp")
_STALE_SECONDS = 3600
_OPEN_FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class Seen(NamedTuple):
    """A file as it was when it was read: where it really lies (links resolved), and what would give a change away."""

    path: Path
    size: int
    mtime_ns: int
    sha256: str

    @staticmethod
    def of(path: str | Path, data: bytes) -> Seen:
        """The state of the file whose content ``data`` has just been read from ``path``. Raises CannotRead."""
        try:
            real = Path(path).resolve(strict=True)
            status = real.stat()
        except OSError as error:
            raise CannotRead(_unreadable(Path(path), error)) from error
        return Seen(real, status.st_size, status.st_mtime_ns, _digest(data))


def look(path: str | Path, budget: Budget | None = None, kind: Kind = "file") -> tuple[Seen, bytes]:
    """Read a file whole and take its state; its bytes are drawn on the budget first. Raises CannotRead."""
    path = Path(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            raise CannotRead(f"“{path.name}”不是普通文件；请选择一个文件。")
        (budget or Budget(path.name)).draw(kind, status.st_size)
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a path no file can have
        raise CannotRead(_unreadable(path, error)) from error
    ensure_fetched(path.name, data, holes=kind == "text")
    return Seen.of(path, data), data


_HOLE = bytes(512)
"""So many zeros in a row are a piece of a file that was not fetched yet: no text has them, in any encoding."""


def ensure_fetched(name: str, data: bytes, *, holes: bool = False) -> None:
    """Raise CannotRead for zeros in the place of a file, which is what clouds leave until they have fetched it.

    ``holes`` asks of a text whether pieces of it are such.
    """
    if data and (not data.strip(b"\0") or (holes and _HOLE in data)):
        raise CannotRead(f"“{name}”里只有空白，或缺了几段，{NOT_FETCHED}；{FETCH}。")


def ensure_writable(seen: Seen) -> None:
    """Raise CannotWrite if the file is open in another program, changed since it was read, read-only or not ours."""
    path = seen.path
    _ensure_closed(path)
    try:
        status = path.stat()
        if not status.st_mode & 0o222:
            raise CannotWrite(f"“{path.name}”是只读文件；请在文件属性中取消“只读”后再试。")
        if not os.access(path, os.W_OK):
            raise CannotWrite(f"没有修改“{path.name}”的权限；请把它复制到自己的文件夹，或请管理员授权后再试。")
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise CannotWrite(
                f"没有在文件夹“{path.parent}”中保存文件的权限；请把“{path.name}”复制到自己的文件夹后再试。"
            )
        # Asking for write access finds the program that holds the file open on Windows, where no lock file need lie.
        os.close(os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0)))
        current = _digest(path.read_bytes())
    except FileNotFoundError as error:
        raise CannotWrite(f"“{path.name}”已不在原处；请找到它后重新运行，没有写入任何内容。") from error
    except OSError as error:
        raise CannotWrite(_unwritable(path, error)) from error
    if current != seen.sha256:
        raise CannotWrite(f"“{path.name}”在读取之后又被修改过，没有写入；请重新运行一次。")


def save(seen: Seen, data: bytes, now: datetime, keep: int = BACKUPS_KEPT) -> Path | None:
    """Replace the file by ``data`` and return its backup; None if it holds just that already and nothing was done.

    ``now`` names the backup ``备份/<stem>.<YYYYMMDD-HHMMSS><suffix>``, of which the last ``keep`` stay. Raises
    CannotWrite, the file being as it was.
    """
    ensure_writable(seen)
    path = seen.path
    if _digest(data) == seen.sha256:
        return None
    temporary = None
    try:
        backup = back_up(seen, now, keep)
        temporary = _written(path.parent, data, 0o600)
        _keep_rights(path, temporary)
        _sweep(temporary)
        _ensure_closed(path)
        status = path.stat()
        if (status.st_size, status.st_mtime_ns) != (seen.size, seen.mtime_ns) and _digest(
            path.read_bytes()
        ) != seen.sha256:
            raise CannotWrite(f"“{path.name}”在读取之后又被修改过，没有写入；请重新运行一次。")
        temporary.replace(path)
        temporary = None
        _flush_folder(path.parent)
    except OSError as error:
        raise CannotWrite(_unwritable(path, error)) from error
    finally:
        _discard(temporary)
    return backup


def write_new(path: str | Path, data: bytes, *, overwrite: bool = False) -> Path:
    """Write a file of our own, whole or not at all, making its folder if needed; return where it lies.

    Nothing is written through a link, be it the file or one of our own folders. Raises CannotWrite, among others if the
    file exists and ``overwrite`` is not given.
    """
    target = Path(path)
    temporary = None
    links.ensure_writable(target)
    if is_device(target.name):
        raise CannotWrite(f"“{target.name}”是 Windows 留给设备的名称，不能用作文件名；请换一个文件名。")
    try:
        _make_folder(target.parent)
        if target.is_dir():
            raise CannotWrite(f"“{target}”是文件夹；请换一个文件名。")
        if overwrite:
            _ensure_closed(target)
        temporary = _written(target.parent, data, 0o666)
        _sweep(temporary)
        if overwrite:
            if target.exists():
                if not target.stat().st_mode & 0o222:
                    raise CannotWrite(f"“{target.name}”是只读文件；请在文件属性中取消“只读”后再试。")
                _keep_rights(target, temporary)
            temporary.replace(target)
        else:
            _move_new(temporary, target)
        temporary = None
        _flush_folder(target.parent)
    except FileExistsError as error:
        raise CannotWrite(f"“{target}”已经存在，没有覆盖；请换一个文件名，或先把它移走。") from error
    except OSError as error:
        raise CannotWrite(_unwritable(target, error)) from error
    finally:
        _discard(temporary)
    return target


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        in_the_way = next(each for each in (folder, *folder.parents) if os.path.lexists(each))
        raise CannotWrite(no_folder(in_the_way)) from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _ensure_closed(path: Path) -> None:
    # Excel and WPS leave ~$name beside an open file, WPS for Linux and macOS .~name, LibreOffice .~lock.name#.
    for lock in (f"~${path.name}", f".~{path.name}", f".~lock.{path.name}#"):
        if os.path.lexists(path.with_name(lock)):
            raise CannotWrite(
                f"“{path.name}”正在 Excel、WPS 或 LibreOffice 中打开；请保存并关闭后再试"
                f"（若确实没有打开，请删除同一文件夹中的隐藏文件“{lock}”）。"
            )


def _written(folder: Path, data: bytes, mode: int) -> Path:
    """A temporary file in that folder holding ``data``, on the disk."""
    path = folder / f".xl-jifen-{os.urandom(8).hex()}.tmp"
    handle = os.open(path, _OPEN_FLAGS, mode)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        finally:
            os.close(handle)
    except BaseException:
        _discard(path)
        raise
    return path


def _keep_rights(old: Path, new: Path) -> None:
    """Give the new file the mode, the owner and, where the system has them, the access lists of the old one."""
    status = old.stat()
    if sys.platform != "win32":
        now = new.stat()
        if (now.st_uid, now.st_gid) != (status.st_uid, status.st_gid):
            with suppress(PermissionError):  # only root may give files away; the group may still be ours
                os.chown(new, -1, status.st_gid)
                os.chown(new, status.st_uid, -1)
    if sys.platform == "linux":
        with suppress(OSError):
            for name in os.listxattr(old):
                os.setxattr(new, name, os.getxattr(old, name))
    new.chmod(status.st_mode & 0o7777)


def _move_new(temporary: Path, target: Path) -> None:
    """Give the file its name, unless the name is taken: FileExistsError."""
    if sys.platform != "win32":
        try:
            target.hardlink_to(temporary)
        except FileExistsError:
            raise
        except OSError:  # no hard links on this file system: the check below leaves a gap of an instant
            pass
        else:
            temporary.unlink()
            return
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "exists", str(target))
    temporary.rename(target)


def back_up(seen: Seen, now: datetime, keep: int = BACKUPS_KEPT) -> Path:
    """Copy the file into 备份 beside it, where the last ``keep`` stay; where the copy lies. Raises CannotWrite."""
    try:
        backup = _back_up(seen, now)
        prune(seen.path, keep, backup)
    except OSError as error:
        raise CannotWrite(_unwritable(seen.path, error)) from error
    return backup


def _back_up(seen: Seen, now: datetime) -> Path:
    path = seen.path
    folder = path.parent / BACKUPS
    links.ensure_writable(folder)
    try:
        folder.mkdir(exist_ok=True)
    except FileExistsError as error:
        raise CannotWrite(
            f"“{path.name}”旁边有一个名为“{BACKUPS}”的文件，建不了备份文件夹，没有写入；请把那个文件改名后再试。"
        ) from error
    temporary: Path | None = _written(folder, path.read_bytes(), 0o600)
    assert temporary is not None
    try:
        if _digest(temporary.read_bytes()) != seen.sha256:
            raise CannotWrite(f"“{path.name}”的备份与原文件不一致，没有写入；请检查磁盘后重新运行。")
        _keep_rights(path, temporary)
        for target in backup_names(path, now):
            with suppress(FileExistsError):
                _move_new(temporary, target)
                break
        temporary = None
        _flush_folder(folder)
        _flush_folder(path.parent)
    finally:
        _discard(temporary)
    return target


def backup_names(path: Path, now: datetime) -> Iterator[Path]:
    """The names a backup of a workbook may have, from the one that is taken unless there is such a file."""
    stamp = f"{path.stem}.{now:%Y%m%d-%H%M%S}"
    for number in count(1):
        again = f"-{number}" if number > 1 else ""
        yield path.parent / BACKUPS / f"{stamp}{again}{path.suffix}"


def prune(path: Path, keep: int, newest: Path) -> None:
    """Delete the oldest backups of this very workbook beyond ``keep``; whatever else lies there stays.

    ``newest``, the one just made, stays whatever its name says: a clock may have been set back.
    """
    name = re.compile(rf"{re.escape(path.stem)}\.(\d{{8}}-\d{{6}})(?:-(\d+))?{re.escape(path.suffix)}")
    found = []
    for file in (path.parent / BACKUPS).iterdir():
        match = name.fullmatch(file.name)
        if match and file.is_file() and not links.is_link(file) and file.name != newest.name:
            found.append((match[1], int(match[2] or 1), file))
    for _, _, file in sorted(found)[: max(0, len(found) + 1 - keep)]:
        _discard(file)


def _sweep(temporary: Path) -> None:
    """Remove what a killed run of ours left behind long ago, beside the given fresh file and in the tool's folders."""
    now, home = temporary.stat().st_mtime, temporary.parent
    sweep(home, now)
    for folder in (home / name for name in OWN_FOLDERS):
        sweep(folder, now)
        if folder.is_dir() and not links.is_link(folder):
            with suppress(OSError):
                for within in [each for each in folder.iterdir() if each.is_dir()]:
                    sweep(within, now)


def sweep(folder: Path, now: float) -> None:
    """Remove what a killed run of ours left behind in a folder, an hour or more before ``now`` (seconds since 1970)."""
    if links.is_link(folder):
        return
    with suppress(OSError):
        for file in folder.iterdir():
            if _TEMPORARY.fullmatch(file.name) and now - file.lstat().st_mtime > _STALE_SECONDS:
                _discard(file)


def _discard(path: Path | None) -> None:
    if path is not None:
        with suppress(OSError):  # a file left over harms nobody; the work itself is done or has its own error
            path.unlink()


def _flush_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can."""
    if sys.platform == "win32":
        return
    with suppress(OSError):  # some network file systems cannot
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def missing(path: Path) -> str:
    """A sentence that a file is not there, with the nearest name in its folder: Windows hides suffixes."""
    if links.is_link(path):
        return f"“{path}”是链接，它指向的文件已不在原处；请打开原来的文件，或请给你文件的人重新发一份。"
    return f"找不到文件“{path}”；{asked_for(path)}请检查文件名和所在的文件夹。"


def asked_for(path: Path) -> str:
    """``是不是“党员积分.xlsx”？``: the nearest name in the folder of a file that is not there; "" if none is near."""
    try:
        files = sorted(
            file for file in path.parent.iterdir() if not file.name.startswith((".", "~$")) and file.name != path.name
        )
    except OSError:
        return ""
    return Nearest({file.stem: file.name for file in files}).asked(path.stem)


def _unreadable(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, ValueError):
        return f"“{path}”里有文件名不能用的字符；请核对后再试。"
    if is_too_long(error, path):
        return f"读不了“{path.name}”，文件名或所在文件夹的路径太长；{SHORTEN}。"
    if isinstance(error, FileNotFoundError):
        return missing(path)
    if isinstance(error, IsADirectoryError) or path.is_dir():
        return f"“{path}”是文件夹；请选择其中的文件。"
    if isinstance(error, PermissionError):
        return f"读不了“{path.name}”：没有权限，或它正被别的程序占用；请先在 Excel 或 WPS 中关闭它再试。"
    if (why := reason(error)) == NOT_FETCHED:
        return f"“{path.name}”{why}；{FETCH}。"
    return f"读不了“{path.name}”（{why}）；请检查磁盘或网络连接后再试。"


def _unwritable(path: Path, error: OSError) -> str:
    if is_held(error) or (os.name == "nt" and isinstance(error, PermissionError)):
        return f"“{path.name}”正被别的程序占用，没有写入；请先在 Excel 或 WPS 中关闭它再试。"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"磁盘空间不足，“{path.name}”没有写入；请腾出一些空间后再试。"
    if error.errno == errno.EROFS:
        return f"“{path.name}”没有写入，所在的磁盘是只读的；请换到可以写入的文件夹后再试。"
    if is_too_long(error, path):
        return f"“{path.name}”没有写入，文件名或所在文件夹的路径太长；{SHORTEN}。"
    if isinstance(error, PermissionError):
        folder = Path(error.filename).parent if isinstance(error.filename, str | Path) else path.parent
        return f"没有在文件夹“{folder}”中保存文件的权限，“{path.name}”没有写入；请换到自己的文件夹后再试。"
    return f"“{path.name}”没有写入（{reason(error)}）；请检查磁盘或网络连接后再试。"
