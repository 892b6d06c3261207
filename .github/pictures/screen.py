"""Sheets as they stand on a screen (截图): opens workbooks in a LibreOffice with a window and photographs that window.

Run by build.py under the Python that has the module uno, with DISPLAY set; reads the wanted pictures as JSON on stdin.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import uno
from com.sun.star.beans import PropertyValue

PIPE = "xl-jifen-pictures"
POSITION_AND_SIZE = 15  # com.sun.star.awt.PosSize.POSSIZE
TRIES, PAUSE, DRAWN = 300, 0.2, 2.0


def option(name: str, value: object) -> PropertyValue:
    """A named argument, as UNO wants it."""
    return PropertyValue(name, 0, value, 0)


class Office:
    """A LibreOffice of its own, on the screen DISPLAY names."""

    def __init__(self, profile: Path) -> None:
        command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--norestore", "--nologo", "--nodefault"]
        self.process = subprocess.Popen([*command, f"--accept=pipe,name={PIPE};urp;"])
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        for _ in range(TRIES):
            try:
                self.context = resolver.resolve(f"uno:pipe,name={PIPE};urp;StarOffice.ComponentContext")
                break
            except Exception:
                time.sleep(PAUSE)
        self.desktop = self.make("com.sun.star.frame.Desktop")

    def make(self, service: str) -> Any:
        """An object of the office's."""
        return self.context.ServiceManager.createInstanceWithContext(service, self.context)

    def opened(self, path: str) -> Any:
        """A workbook with nothing around its sheets: no menus, no sidebar, no formula bar."""
        book = self.desktop.loadComponentFromURL(Path(path).as_uri(), "_blank", 0, ())
        frame = book.CurrentController.Frame
        frame.LayoutManager.setVisible(False)
        dispatcher = self.make("com.sun.star.frame.DispatchHelper")
        dispatcher.executeDispatch(frame, ".uno:Sidebar", "", 0, (option("Sidebar", False),))
        dispatcher.executeDispatch(frame, ".uno:InputLineVisible", "", 0, (option("InputLineVisible", False),))
        book.CurrentController.ShowPageBreaks = False
        return book

    def stop(self) -> None:
        """End this office and no other."""
        self.process.terminate()
        self.process.wait(20)


def photograph(book: Any, wanted: dict[str, Any]) -> None:
    """One sheet from its top, scrolled to a column, as a PNG of ``width`` × ``height`` pixels."""
    controller = book.CurrentController
    controller.Frame.ContainerWindow.setPosSize(0, 0, wanted["width"], wanted["height"], POSITION_AND_SIZE)
    sheet = book.Sheets.getByName(wanted["sheet"])
    controller.setActiveSheet(sheet)
    controller.ZoomType, controller.ZoomValue = 3, wanted["zoom"]  # com.sun.star.view.DocumentZoomType.BY_VALUE
    controller.select(sheet.getCellRangeByName(wanted["cell"]))
    pane = controller.getByIndex(controller.getCount() - 1)
    pane.setFirstVisibleRow(wanted["row"] - 1)
    pane.setFirstVisibleColumn(sheet.getCellRangeByName(f"{wanted['column']}1").CellAddress.Column)
    time.sleep(DRAWN)
    crop = f"{wanted['width']}x{wanted['height']}+0+0"
    subprocess.run(["import", "-window", "root", "-crop", crop, "+repage", wanted["path"]], check=True)


def main() -> None:
    """All wanted pictures, each workbook opened once."""
    wanted = json.load(sys.stdin)
    office = Office(Path(sys.argv[1]))
    try:
        for path in dict.fromkeys(picture["book"] for picture in wanted):
            book = office.opened(path)
            time.sleep(DRAWN)
            for picture in wanted:
                if picture["book"] == path:
                    photograph(book, picture)
            book.close(True)
    finally:
        office.stop()


if __name__ == "__main__":
    main()
