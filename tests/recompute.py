"""A second engine: LibreOffice recomputes every formula of a workbook from scratch (重算)."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import needs
import openpyxl

SOFFICE_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item
 oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value>
</prop></item><item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">
<value>zh-CN</value></prop></item></oor:items>"""
# Chinese, because there a text like 1月 might be taken for a date.


def recomputed(content: bytes, folder: Path) -> Any:
    """The workbook as LibreOffice reckons it, every stored result spoilt beforehand."""
    soffice = needs.program("soffice")
    spoilt = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(spoilt, "w") as new:
        for name in old.namelist():
            part = re.sub(rb"</f><v>[^<]*</v>", b"</f><v>-777</v>", old.read(name))
            new.writestr(name, part)
    (folder / "profile" / "user").mkdir(parents=True)
    (folder / "profile" / "user" / "registrymodifications.xcu").write_text(SOFFICE_PROFILE, encoding="utf-8")
    (folder / "in.xlsx").write_bytes(spoilt.getvalue())
    profile = (folder / "profile").as_uri()
    command = [soffice, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "xlsx", "--outdir"]
    subprocess.run([*command, folder / "out", folder / "in.xlsx"], check=True, capture_output=True, timeout=180)
    return openpyxl.load_workbook(folder / "out" / "in.xlsx", data_only=True)
