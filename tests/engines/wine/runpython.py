"""A press as xlwings' RunPython makes it, for workbooks of 0.1 and as the second way: run by a Python of Windows.

    python runpython.py WORKBOOK.xlsm HWND "ribbon.check()"

The line is the one ExecuteWindows of xlwings.bas puts together of the settings in the sheet xlwings.conf; it goes
through WScript.Shell to cmd.exe. Prints a JSON line: exit code, seconds, stderr, and the message boxes.
"""

import json
import os
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

import win32com.client
import win32con
import win32gui


def command(python, code, book, hwnd, log):
    """As ExecuteWindows of xlwings 0.37.8 has it, ADD_WORKBOOK_TO_PYTHONPATH being False."""
    nowhere = os.path.expandvars(r"%LOCALAPPDATA%\xl-jifen\none")
    path = ";".join(("False", str(book), str(book), "", "", "", nowhere)).replace("&", "^&").replace("\\", "\\\\")
    drive = f'{python.drive} & cd "{python.parent}" & '
    run = f'"{python}" -B -c "import xlwings.utils;xlwings.utils.prepare_sys_path(\\"{path}\\"); {code}" '
    app = r"C:\Program Files\Microsoft Office\root\Office16\Microsoft Excel"
    return f'cmd.exe /C {drive}{run} --wb="{book.name}" --from_xl=1 --app="{app}" --hwnd="{hwnd}" 2> "{log}" '


def answer_boxes(found, ended):
    """OK to every message box, whose words are kept."""
    while not ended.is_set():
        for hwnd in windows_of(win32gui.EnumWindows, None):
            if win32gui.GetClassName(hwnd) != "#32770":
                continue
            time.sleep(0.3)  # it may still be growing its parts
            words = [
                win32gui.GetWindowText(part) for part in windows_of(partial(win32gui.EnumChildWindows, hwnd), None)
            ]
            owner = win32gui.GetWindow(hwnd, win32con.GW_OWNER)
            found.append({"title": win32gui.GetWindowText(hwnd), "words": max(words, key=len), "owner": owner})
            win32gui.PostMessage(hwnd, win32con.WM_COMMAND, win32con.IDOK, 0)
            time.sleep(0.3)
        time.sleep(0.05)


def windows_of(enumerate_them, *more):
    """The handles an Enum function of Windows tells."""
    handles = []
    enumerate_them(lambda hwnd, _: handles.append(hwnd), *more)
    return handles


def press(book, hwnd, verb):
    boxes, ended = [], threading.Event()
    watching = threading.Thread(target=answer_boxes, args=(boxes, ended))
    watching.start()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "xlwings.log")
        code = f"from xl_jifen.hosts import ribbon; {verb}"
        started = time.perf_counter()
        line = command(Path(sys.executable), code, book, hwnd, log)
        exit_code = win32com.client.Dispatch("WScript.Shell").Run(line, 0, True)
        seconds = time.perf_counter() - started
        ended.set()
        watching.join()
        said = log.read_text("mbcs", errors="replace")
    return {"code": exit_code, "seconds": seconds, "stderr": said, "boxes": boxes}


if __name__ == "__main__":
    workbook, window, wanted = sys.argv[1:]
    found = press(Path(workbook), window, wanted)
    sys.stdout.buffer.write(json.dumps(found, ensure_ascii=False).encode() + b"\n")
