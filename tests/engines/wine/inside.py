"""What a Windows Python sees of the workbook in the stand-in:

python inside.py HWND BOOK cells SHEET A1 …     what the ribbon reads of cells, a repr a line
python inside.py HWND BOOK functions            worksheet functions as VBA calls them: rows, and seconds, a line each
"""

import subprocess
import sys
import time

import pythoncom
import pywintypes
from win32com.client import VARIANT, Dispatch

from xl_jifen.excel.live import open_book, program
from xl_jifen.grid import range_of

MODULE = "xl_jifen.hosts.functions"
MISSING = -2147352572
TRIES = 5


def cells(book, sheet, *addresses):
    grid = open_book.read(book).get(sheet)
    for address in addresses:
        yield repr(grid.at(*range_of(address)[:2]))


def functions(book):
    """By a server of xlwings in a process of its own, as CallUDF reaches it; whole columns last."""
    clsid = str(pythoncom.CreateGuid())
    served = subprocess.Popen(
        [sys.executable, "-B", "-c", f"import xlwings; xlwings.serve('{clsid}')"], stdin=subprocess.DEVNULL
    )
    try:
        python = reached(pywintypes.IID(clsid))
        worksheets = book.api.Worksheets

        def area(sheet, address):
            return worksheets(sheet).Range(address)._inner._oleobj_

        left_out = VARIANT(pythoncom.VT_ERROR, MISSING)
        rules, roster = area("积分规则", "A1:V80"), area("党员名册", "A1:M80")
        for name, *given in (
            ("JF_EXPLAIN", "E501"),
            ("JF_POINTS", rules, "加3-2", 4.0),
            ("JF_POINTS", rules, "加3-2", left_out),
            ("JF_CHECK", area("10月", "A1:O60"), rules, roster, 10.0),
            ("JF_CHECK", area("10月", "A:M"), rules, roster, 10.0),
            ("JF_CHECK", area("10月", "A:M"), area("积分规则", "A:V"), area("党员名册", "A:M"), left_out),
        ):
            spent = []
            for _ in range(TRIES):
                started = time.perf_counter()
                found = python.CallUDF(MODULE, name, given, book.api._inner._oleobj_, area("使用说明", "K1"))
                spent.append(time.perf_counter() - started)
            told = [row[0] for row in found] if isinstance(found, tuple) else found
            yield repr((name, told, min(spent)))
    finally:
        served.kill()


def reached(clsid):
    end = time.monotonic() + 60
    while True:
        try:
            found = pythoncom.CoCreateInstance(clsid, None, pythoncom.CLSCTX_LOCAL_SERVER, pythoncom.IID_IDispatch)
            return Dispatch(found)
        except pythoncom.com_error:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    window, name, what, *more = sys.argv[1:]
    caller = program.caller(program.Pressed(int(window), name))
    for line in {"cells": cells, "functions": functions}[what](caller, *more):
        sys.stdout.buffer.write(f"{line}\n".encode())
