"""What lies on the disk while a file is saved: the old one or the new one, whatever happens, and a backup beside it."""

from __future__ import annotations

import errno
import itertools
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import deadly
import pytest

from xl_jifen.disk import save as saving
from xl_jifen.disk.folders import BACKUPS
from xl_jifen.disk.save import Seen, ensure_writable, look, save, write_new
from xl_jifen.finding import CannotRead, CannotWrite

NOW = datetime(2026, 10, 8, 9, 30, 15)
OLD, NEW = b"old" * 1000, b"new" * 2000


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "党员积分.xlsx"
    path.write_bytes(OLD)
    return path


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_the_file_is_replaced_and_the_old_one_lies_in_the_backup_folder(book: Path) -> None:
    seen, data = look(book)
    assert data == OLD
    backup = save(seen, NEW, NOW)
    assert book.read_bytes() == NEW
    assert backup == book.parent / "备份" / "党员积分.20261008-093015.xlsx"
    assert backup.read_bytes() == OLD
    assert names(book.parent) == sorted(["党员积分.xlsx", BACKUPS])
    assert names(backup.parent) == [backup.name]


def test_the_same_content_again_touches_nothing(book: Path) -> None:
    before = book.stat()
    assert save(look(book)[0], OLD, NOW) is None
    assert book.stat().st_mtime_ns == before.st_mtime_ns
    assert book.stat().st_ino == before.st_ino
    assert names(book.parent) == [book.name]


def test_two_backups_of_one_second_both_stay(book: Path) -> None:
    first = save(look(book)[0], NEW, NOW)
    second = save(look(book)[0], b"third", NOW)
    third = save(look(book)[0], b"fourth", NOW)
    assert [file.name for file in (first, second, third) if file] == [
        "党员积分.20261008-093015.xlsx",
        "党员积分.20261008-093015-2.xlsx",
        "党员积分.20261008-093015-3.xlsx",
    ]
    assert [file.read_bytes() for file in (first, second, third) if file] == [OLD, NEW, b"third"]


def test_only_the_oldest_backups_of_this_very_workbook_are_pruned(book: Path) -> None:
    folder = book.parent / BACKUPS
    folder.mkdir()
    strangers = [
        "党员积分.xlsx",
        "党员积分.20200101-000000.xlsm",
        "党员积分(2).20200101-000000.xlsx",
        "党员积分.20200101-000000.xlsx.txt",
        "2025党员积分.20200101-000000.xlsx",
        "党员积分.20200101-000000-副本.xlsx",
    ]
    for name in strangers:
        (folder / name).write_bytes(b"not ours")
    ours = [f"党员积分.202501{day:02}-000000.xlsx" for day in range(1, 26)]
    ours[10:12] = ["党员积分.20250110-000000-2.xlsx", "党员积分.20250110-000000-10.xlsx"]
    for name in ours:
        (folder / name).write_bytes(b"backup")
    save(look(book)[0], NEW, NOW)
    kept = [name for name in names(folder) if name not in strangers]
    assert len(kept) == 20
    assert set(kept) == {*ours[6:], "党员积分.20261008-093015.xlsx"}
    assert all((folder / name).exists() for name in strangers)


@pytest.mark.parametrize("lock", ["~$党员积分.xlsx", ".~lock.党员积分.xlsx#", ".~党员积分.xlsx"])
def test_a_file_open_in_an_office_program_is_left_alone(book: Path, lock: str) -> None:
    seen, _ = look(book)
    book.with_name(lock).write_bytes(b"")
    with pytest.raises(CannotWrite, match=r"打开.*关闭后再试.*" + lock.replace("$", r"\$")):
        save(seen, NEW, NOW)
    assert book.read_bytes() == OLD
    assert names(book.parent) == sorted([book.name, lock])
    with pytest.raises(CannotWrite):
        write_new(book, NEW, overwrite=True)
    assert book.read_bytes() == OLD


def test_the_lock_of_another_workbook_does_not_matter(book: Path) -> None:
    book.with_name("~$2025党员积分.xlsx").write_bytes(b"")
    save(look(book)[0], NEW, NOW)
    assert book.read_bytes() == NEW


def test_a_file_changed_since_it_was_read_is_left_alone(book: Path) -> None:
    seen, _ = look(book)
    status = book.stat()
    book.write_bytes(b"OLD" * 1000)
    os.utime(book, ns=(status.st_atime_ns, status.st_mtime_ns))  # not even size and time give it away
    with pytest.raises(CannotWrite, match=r"读取之后又被修改过.*重新运行"):
        save(seen, NEW, NOW)
    assert book.read_bytes() == b"OLD" * 1000


def test_a_file_only_touched_since_is_written(book: Path) -> None:
    seen, _ = look(book)
    os.utime(book, (1, 1))
    save(seen, NEW, NOW)
    assert book.read_bytes() == NEW


def test_a_change_in_the_last_instant_is_noticed(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, _ = look(book)

    def meddle(old: Path, new: Path) -> None:
        book.write_bytes(b"someone else was here")

    monkeypatch.setattr(saving, "_keep_rights", meddle)
    with pytest.raises(CannotWrite, match="又被修改过"):
        save(seen, NEW, NOW)
    assert book.read_bytes() == b"someone else was here"


def test_a_vanished_file_is_said_to_be_gone(book: Path) -> None:
    seen, _ = look(book)
    book.rename(book.with_name("移走.xlsx"))
    with pytest.raises(CannotWrite, match="已不在原处"):
        save(seen, NEW, NOW)
    assert names(book.parent) == ["移走.xlsx"]


def test_a_read_only_file_is_left_alone(book: Path) -> None:
    book.chmod(0o444)
    with pytest.raises(CannotWrite, match="只读"):
        save(look(book)[0], NEW, NOW)
    with pytest.raises(CannotWrite, match="只读"):
        write_new(book, NEW, overwrite=True)
    assert book.read_bytes() == OLD
    assert names(book.parent) == [book.name]


@pytest.mark.parametrize("denied", ["file", "folder"])
def test_missing_rights_are_said_plainly(book: Path, monkeypatch: pytest.MonkeyPatch, denied: str) -> None:
    refused = book if denied == "file" else book.parent
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != refused and allowed(path, mode))
    with pytest.raises(CannotWrite, match="权限"):
        ensure_writable(look(book)[0])


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "磁盘空间不足，.*腾出一些空间"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "磁盘空间不足，.*腾出一些空间"),
        (OSError(errno.EROFS, "Read-only file system"), "只读"),
        (PermissionError(errno.EACCES, "Permission denied"), "权限"),
        (OSError(errno.EIO, "Input/output error"), "磁盘或网络"),
    ],
)
@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_failing_disk_leaves_the_old_file_and_no_litter(
    book: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, sentence: str, call: str
) -> None:
    seen, _ = look(book)

    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(CannotWrite, match=sentence):
        save(seen, NEW, NOW)
    assert book.read_bytes() == OLD
    assert not any(book.parent.rglob("*.tmp"))
    with pytest.raises(CannotWrite, match=sentence):
        write_new(book.with_name("new.xlsx"), NEW)
    assert not book.with_name("new.xlsx").exists()


def test_a_backup_that_is_not_the_file_is_none(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, written = look(book)[0], saving._written
    monkeypatch.setattr(saving, "_written", lambda folder, data, mode: written(folder, data[:-1], mode))
    with pytest.raises(CannotWrite, match="备份与原文件不一致"):
        save(seen, NEW, NOW)
    assert book.read_bytes() == OLD
    assert names(book.parent / BACKUPS) == []


def test_a_disk_that_is_full_after_the_backup_is_one_sentence(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, written = look(book)[0], saving._written

    def full(folder: Path, data: bytes, mode: int) -> Path:
        if folder == book.parent:
            raise OSError(errno.ENOSPC, "No space left on device")
        return written(folder, data, mode)

    monkeypatch.setattr(saving, "_written", full)
    with pytest.raises(CannotWrite, match="磁盘空间不足"):
        save(seen, NEW, NOW)
    assert book.read_bytes() == OLD


def test_a_file_held_open_on_windows_is_to_be_closed(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, _ = look(book)

    def held(self: Path, target: Path) -> Path:
        error = PermissionError(errno.EACCES, "Access is denied")
        error.winerror = 32  # type: ignore[attr-defined]
        raise error

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(CannotWrite, match="请先在 Excel 或 WPS 中关闭"):
        save(seen, NEW, NOW)
    assert book.read_bytes() == OLD
    assert not any(book.parent.glob("*.tmp"))


@pytest.mark.skipif(sys.platform == "win32", reason="modes and owners are POSIX")
def test_mode_and_owner_stay_and_the_backup_has_them_too(book: Path) -> None:
    book.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(book, 1234, 4321)
    before = book.stat()
    backup = save(look(book)[0], NEW, NOW)
    assert backup is not None
    for file in (book, backup):
        after = file.stat()
        assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_stays_a_link_and_the_file_behind_it_is_written(book: Path) -> None:
    folder = book.parent / "快捷方式"
    folder.mkdir()
    link = folder / "积分.xlsx"
    link.symlink_to(book)
    backup = save(look(link)[0], NEW, NOW)
    assert link.is_symlink()
    assert book.read_bytes() == NEW
    assert backup is not None
    assert backup.parent == book.parent / BACKUPS


def test_litter_of_a_killed_run_is_swept_and_fresh_or_foreign_files_stay(book: Path) -> None:
    stale = book.with_name(".xl-jifen-0123456789abcdef.tmp")
    fresh = book.with_name(".xl-jifen-fedcba9876543210.tmp")
    foreign = book.with_name(".xl-jifen-mine.tmp")
    for file in (stale, fresh, foreign):
        file.write_bytes(b"x")
    for file in (stale, foreign):
        os.utime(file, (1, 1))
    save(look(book)[0], NEW, NOW)
    assert names(book.parent) == sorted([book.name, BACKUPS, fresh.name, foreign.name])


def test_litter_in_the_tools_own_folders_is_swept_too_but_not_through_links(book: Path, tmp_path: Path) -> None:
    """Into most of them nothing is written again."""
    name, others = ".xl-jifen-0123456789abcdef.tmp", tmp_path / "别人的"
    for folder in ("归档", "归档/2026Q1", "公示/2026年第一季度", "个人明细/2026年度", "别人的"):
        (book.parent / folder).mkdir(parents=True, exist_ok=True)
        (book.parent / folder / name).write_bytes(b"x")
        os.utime(book.parent / folder / name, (1, 1))
    if sys.platform != "win32":
        (book.parent / "归档" / "链接").symlink_to(others, target_is_directory=True)
        (book.parent / "民主评议").symlink_to(others, target_is_directory=True)
    save(look(book)[0], NEW, NOW)
    assert [path.parent.name for path in sorted(tmp_path.rglob(name)) if not path.is_symlink()] == ["别人的"]


def test_a_new_file_is_written_whole_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "公示" / "2026Q3" / "公示.xlsx"
    assert write_new(path, NEW) == path
    assert path.read_bytes() == NEW
    with pytest.raises(CannotWrite, match="已经存在，没有覆盖"):
        write_new(path, b"other")
    assert path.read_bytes() == NEW
    (other_name := tmp_path / "另一个名字").hardlink_to(path)
    write_new(path, b"other", overwrite=True)
    assert path.read_bytes() == b"other"
    assert other_name.read_bytes() == NEW, "another file takes its place, and nothing is written into the old one"
    assert names(path.parent) == ["公示.xlsx"]
    with pytest.raises(CannotWrite, match="文件夹"):
        write_new(tmp_path / "公示", b"", overwrite=True)


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    assert write_new(tmp_path / "new.xlsx", NEW).stat().st_mode == plain.stat().st_mode
    plain.chmod(0o640)
    assert write_new(plain, NEW, overwrite=True).stat().st_mode & 0o777 == 0o640, "what is replaced keeps its own"


def test_what_cannot_be_looked_at_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="找不到文件"):
        look(tmp_path / "没有.xlsx")
    with pytest.raises(CannotRead, match="文件夹"):
        look(tmp_path)
    with pytest.raises(CannotRead, match="找不到文件"):
        Seen.of(tmp_path / "没有.xlsx", b"")


# The process is killed just before its n-th call into the system, for each n.
def kill(action: str, path: Path, step: int) -> None:
    seen, data = saving.look(path)
    deadly.arm(step)
    if action == "save":
        saving.save(seen, data[::-1], datetime(2026, 10, 8, 9, 30, 15), keep=2)
    else:
        saving.write_new(path, data[::-1], overwrite=True)


HOMES = (Path(saving.__file__).parents[2], Path(__file__).parent)


def exit_code(action: str, path: Path, step: int) -> int:
    """Of a child that does it: forked where that can be done, which takes a tenth of the time."""
    if not hasattr(os, "fork"):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, HOMES))}
        code = f"import test_save, pathlib; test_save.kill({action!r}, pathlib.Path({str(path)!r}), {step})"
        return subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, check=False
        ).returncode
    child = os.fork()
    if not child:
        try:
            kill(action, path, step)
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.slow
@pytest.mark.parametrize("action", ["save", "write_new"])
def test_a_process_killed_at_any_step_leaves_the_old_file_or_the_new_one(tmp_path: Path, action: str) -> None:
    old = bytes(range(256)) * 40
    new = old[::-1]

    def folder_for(step: int) -> Path:
        folder = tmp_path / str(step)
        (folder / BACKUPS).mkdir(parents=True)
        (folder / "积分.xlsx").write_bytes(old)
        for day in (1, 2):
            (folder / BACKUPS / f"积分.2026010{day}-000000.xlsx").write_bytes(b"earlier")
        return folder

    outcomes = []
    for step in itertools.count(1):
        folder = folder_for(step)
        book = folder / "积分.xlsx"
        code = exit_code(action, book, step)
        if code == 0:
            break
        assert code == deadly.DEAD, f"step {step}"
        found = book.read_bytes()
        assert found in (old, new), f"step {step}"
        outcomes.append(found == new)
        backups = [file for file in (folder / BACKUPS).iterdir() if file.suffix == ".xlsx"]
        assert all(file.read_bytes() in (old, b"earlier") for file in backups), f"step {step}"
        if action == "save" and found == new:
            assert any(file.read_bytes() == old for file in backups), f"step {step}"
        save(look(book)[0], b"the next run works", NOW)
        assert book.read_bytes() == b"the next run works"
    if sys.platform == "linux":  # other systems have fewer of these calls
        assert len(outcomes) >= (40 if action == "save" else 15)  # 56 and 26 when this was written
    assert outcomes == sorted(outcomes)
    assert {*outcomes} == {False, True}


def test_a_file_in_the_way_of_a_folder_is_named(book: Path) -> None:
    with pytest.raises(CannotWrite, match=r"“[^”]*党员积分\.xlsx”是文件，不是文件夹"):
        write_new(book / "公示" / "表.xlsx", b"new")


def test_a_read_only_disk_is_no_reason_to_copy_what_is_not_there_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(CannotWrite, match=r"没有写入，所在的磁盘是只读的；请换到可以写入的文件夹后再试。$"):
        write_new(tmp_path / "表.xlsx", b"new")


@pytest.mark.parametrize("number", [errno.EIO, errno.EINVAL, 12345])
def test_no_word_of_the_system_is_passed_on_in_english(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(number, "Something English")

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(CannotWrite) as raised:
        write_new(tmp_path / "表.xlsx", b"new")
    assert not re.search("[A-Za-z]", str(raised.value).replace("表.xlsx", ""))
