"""Prints the VBA that xlwings' own generator makes of a module: ``python xlwings_generator.py MODULE [FOLDER]``.

That code is for Windows; off Windows empty stand-ins take the place of pywin32. To be run in a process of its own.
"""

import importlib
import io
import sys
from types import ModuleType, SimpleNamespace


def stand_in(name: str, **members: object) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(members)
    return sys.modules.setdefault(name, module)


def main(name: str, *folders: str) -> None:
    sys.path[:0] = folders
    if sys.platform != "win32":
        stand_in("pythoncom", CoInitialize=lambda: None)
        stand_in("pywintypes", com_error=type("com_error", (Exception,), {}))
        stand_in("win32com")
        stand_in("win32com.client", Dispatch=None)
    import xlwings
    from xlwings import udfs

    xlwings.func, xlwings.arg, xlwings.ret = udfs.xlfunc, udfs.xlarg, udfs.xlret
    text = io.StringIO()
    module = importlib.import_module(name)
    udfs.generate_vba_wrapper(name, module, text, SimpleNamespace(Name="党员积分.xlsm"))
    sys.stdout.write(text.getvalue())


if __name__ == "__main__":
    main(*sys.argv[1:])
