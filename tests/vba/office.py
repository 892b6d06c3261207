"""Opens a macro workbook in a headless LibreOffice with macros on and says what it sees and what macros do.

After each macro the cell that the stub of RunPython writes, 使用说明!E1, is told and emptied. Run by itself, by a
Python that has uno, it starts an office and says it as JSON: ``python3 office.py PROFILE BOOK [SUB ...]``. Standard
library and uno only.
"""

import json
import subprocess
import sys
import time
import uuid
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

STANDARD, DOCUMENT = 1, 4
ALWAYS_RUN_MACROS = 4
PATIENCE = 90


def option(name: str, value: object) -> PropertyValue:
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


def connected(pipe: str):
    """The office's desktop, once it answers."""
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            office = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return office.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", office)
        except NoConnectException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def opened(desktop, path: Path, subs: list[str]) -> dict[str, object]:
    """What an office sees of the workbook, and the macros do in it."""
    # Not hidden: Workbook_Open happens only to a workbook with a window, which --headless does not draw.
    options = (option("MacroExecutionMode", ALWAYS_RUN_MACROS),)
    book = desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, options)
    try:
        return told(book, subs)
    finally:
        book.close(True)


def told(book, subs: list[str]) -> dict[str, object]:
    """Code names, modules by kind, and what each macro left behind."""
    sheets = {name: book.Sheets.getByName(name) for name in book.Sheets.ElementNames}
    libraries = book.BasicLibraries
    libraries.loadLibrary("VBAProject")
    library = libraries.getByName("VBAProject")
    kinds = {name: library.getModuleInfo(name).ModuleType for name in library.ElementNames}
    note = sheets["使用说明"].getCellRangeByName("E1")
    notes = {}
    for sub in subs:
        address = f"vnd.sun.star.script:VBAProject.{sub}?language=Basic&location=document"
        book.getScriptProvider().getScript(address).invoke((), (), ())
        notes[sub] = note.String
        note.String = ""
    return {
        "vba": libraries.VBACompatibilityMode,
        "code names": {name: sheet.CodeName for name, sheet in sheets.items()},
        "standard": sorted(name for name, kind in kinds.items() if kind == STANDARD),
        "documents": sorted(name for name, kind in kinds.items() if kind == DOCUMENT),
        "interpreter": sheets["xlwings.conf"].getCellRangeByName("B1").String,
        "notes": notes,
    }


def main(profile: str, path: str, *subs: str) -> None:
    pipe = uuid.uuid4().hex
    command = ["soffice", f"-env:UserInstallation={Path(profile).as_uri()}", "--headless", "--norestore", "--nodefault"]
    office = subprocess.Popen([*command, f"--accept=pipe,name={pipe};urp;"], stdout=subprocess.DEVNULL)
    try:
        print(json.dumps(opened(connected(pipe), Path(path), list(subs)), ensure_ascii=False))
    finally:
        office.terminate()
        office.wait(20)


if __name__ == "__main__":
    main(*sys.argv[1:])
