"""One order to the stand-in: python ask.py HWND ORDER …, which server.Orders takes."""

import sys

from xlwings import _xlwindows

window, *order = sys.argv[1:]
sys.stdout.buffer.write(str(_xlwindows.App(xl=int(window)).xl.Run(*order)).encode())
