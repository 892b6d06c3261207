"""LibreOffice, a second engine: it saves files in another form, and recomputes every formula of a workbook (重算).

One office serves all tests of a process where its module uno loads; else each call starts one, with one profile for all
since making that takes longer than the rest.
"""

from __future__ import annotations

import atexit
import functools
import io
import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

import needs
import openpyxl
from engines import calc

Shown = dict[str, object]
"""Values by the cell's name."""

XLSX = "xlsx:Calc MS Excel 2007 XML"
PDF = "pdf:calc_pdf_Export"
FIRST_SHEET_AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1"
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item
 oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value>
</prop></item><item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">
<value>zh-CN</value></prop></item></oor:items>"""
"""Formulas are always recomputed; Chinese, because there a text like 1月 might be taken for a date."""


LARGE = 400
"""Megabytes."""


@functools.cache
def office() -> calc.Office | None:
    """The one that runs until :func:`end`; None where Python cannot speak with it."""
    return calc.Office(needs.program("soffice"), _profile()) if calc.has_uno() else None


def end() -> None:
    """End it, if it was begun."""
    if office.cache_info().currsize and (running := office()):
        running.stop()
    office.cache_clear()


def rest() -> None:
    """End it if it has grown large, which it does with every workbook; the next who asks gets another."""
    if office.cache_info().currsize and (running := office()) and running.megabytes() > LARGE:
        end()


@functools.cache
def _profile() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="xl-jifen-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "user").mkdir()
    (folder / "user" / "registrymodifications.xcu").write_text(SETTINGS, encoding="utf-8")
    return folder


def converted(files: list[Path], target: str = XLSX) -> list[Path]:
    """The files as LibreOffice saves them, in a folder ``saved`` beside each."""
    (folder,) = {file.parent for file in files}
    program, suffix, written = needs.program("soffice"), *target.split(":", 1)
    saved = [folder / "saved" / f"{file.stem}.{suffix}" for file in files]
    if running := office():
        saved[0].parent.mkdir(exist_ok=True)
        for file, copy in zip(files, saved, strict=True):
            running.convert(file, copy, *written.split(":"))
        return saved
    command = [program, f"-env:UserInstallation={_profile().as_uri()}", "--headless", "--convert-to", target]
    command += ["--outdir", str(folder / "saved"), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return saved


def recomputed(contents: list[bytes], folder: Path, *sheets: str) -> list[dict[str, Shown]]:
    """What these sheets of the workbooks show as LibreOffice reckons them, every stored result spoilt beforehand."""
    files = []
    for number, content in enumerate(contents):
        files.append(folder / f"{number}.xlsx")
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(files[-1], "w") as new:
            for name in old.namelist():
                new.writestr(name, re.sub(rb"</f><v>[^<]*</v>", b"</f><v>-777</v>", old.read(name)))
    if running := office():
        return [running.shown(file, sheets) for file in files]
    return [{name: shown(file, name) for name in sheets} for file in converted(files)]


def shown(file: Path | io.BytesIO, sheet: str, *, formulas: bool = False) -> Shown:
    """The cells of a sheet that are not blank, as openpyxl reads it and no other sheet."""
    book = openpyxl.load_workbook(file, data_only=not formulas, read_only=True)
    return {cell.coordinate: cell.value for row in book[sheet] for cell in row if cell.value not in (None, "")}
