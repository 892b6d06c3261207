"""The doctor: what it tells of this machine."""

from __future__ import annotations

import sys
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from engines import memory

from xl_jifen.disk import assets
from xl_jifen.doors import doctor
from xl_jifen.excel.live import program
from xl_jifen.finding import CannotRead


def test_the_report_names_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = list(doctor.report(live=False))
    assert lines[0].startswith("xl-jifen ")
    assert any(line.startswith("√ Python：3.") for line in lines)
    assert f"√ xlwings：{metadata.version('xlwings')}（Excel 功能区和工作表函数）" in lines
    assert any("字体：" in line and "标题用" in line for line in lines)
    assert any(str(tmp_path) in line and line.startswith("√ 写入权限") for line in lines)
    assert list(tmp_path.iterdir()) == []


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PARTS", {"no-such-part": "试一试"})
    assert "× no-such-part：没有安装（试一试）" in list(doctor.report(live=False))


@pytest.mark.skipif(sys.platform == "win32", reason="about other systems")
def test_elsewhere_than_on_windows_it_says_what_to_do_instead() -> None:
    memory.remove()
    lines = list(doctor.report(live=True))
    assert f"· Excel 和 WPS：{doctor.NOT_WINDOWS}" in lines
    assert "真机检查没有做" in lines[-1]
    assert "doctor --live" in lines[-1]


def test_windows_is_asked_for_programs_and_macros(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {r"Excel.Application\CurVer": "Excel.Application.16", doctor.SECURITY: 4}
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(doctor, "registered", lambda root, key, name="": told.get(key))
    lines = list(map(str, doctor._programs()))
    assert lines == ["√ Excel：Excel.Application.16", "· WPS 表格：没有找到", "× 宏设置：全部禁用，按钮不能用"]


def test_a_folder_without_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refused)
    [line] = doctor._rights()
    assert line.fine is False


def test_the_version_in_our_macro_workbook_is_the_installed_one() -> None:
    master = assets.folder("workbook") / "党员积分.xlsm"
    assert doctor.vba_version(master) == metadata.version("xlwings")


def test_a_workbook_of_another_version_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = b'Attribute VB_Name = "xlwings"\r\n\'Version: 0.31.4\r\n'
    pieces = b"".join(b"\0" + source[start : start + 8] for start in range(0, len(source), 8))
    chunk = (0xB000 | (len(pieces) - 1)).to_bytes(2, "little") + pieces
    with zipfile.ZipFile(tmp_path / "旧.xlsm", "w") as book:
        book.writestr("xl/vbaProject.bin", bytes(700) + b"\x01" + chunk + bytes(100))
    (tmp_path / "坏.xlsm").write_bytes(b"not a zip")
    monkeypatch.chdir(tmp_path)
    lines = list(map(str, doctor._workbooks()))
    assert any(line.startswith("× 旧.xlsm：其中的 xlwings 宏 0.31.4") for line in lines)
    assert "· 坏.xlsm：没有本工具的宏" in lines


def test_without_excel_there_is_no_scratch_book() -> None:
    memory.remove()
    with pytest.raises(CannotRead, match="Excel"), program.scratch_book():
        pass


def test_the_live_report_is_one_file_to_send_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xl_jifen.doors.cli.cli import main

    monkeypatch.chdir(tmp_path)
    assert main(["doctor", "--live"]) == 0
    [kept] = tmp_path.glob("体检报告 *.txt")
    text = kept.read_text("utf-8-sig")
    assert text.startswith("xl-jifen ")
    assert "真机检查" in text


def test_the_version_is_read_where_its_text_is_compressed(tmp_path: Path) -> None:
    """Twelve letters as they are, in two groups of eight, then three that repeat the last two ([MS-OVBA] 2.4.1)."""
    data = b"\x00'Version" + b"\x10: 0." + (0x1000).to_bytes(2, "little") + b"\n"
    header = (0xB000 | len(data) - 1).to_bytes(2, "little")
    with zipfile.ZipFile(tmp_path / "甲.xlsm", "w") as book:
        book.writestr("xl/vbaProject.bin", b"\xff" * 9 + b"\x01" + header + data)
    assert doctor.vba_version(tmp_path / "甲.xlsm") == "0.0.0"
