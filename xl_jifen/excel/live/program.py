"""The program behind the open book (Excel 或 WPS 表格): how it is reached, asked and told, and what its refusals mean.

Imports xlwings so that it brings nothing along, asks nothing of Excel by itself and ends no process. Touches no cell.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from xl_jifen.finding import CannotRead, CannotWrite, JifenError

if TYPE_CHECKING:
    import xlwings as xw

TITLE = "党员积分"
HOST = "XL_JIFEN_HOST"
"""Set to ``wps``, it attaches to WPS 表格 (``ket.Application``) instead of Excel. Not verified on a real machine."""
WPS = ("kingsoft", "wps")
"""One of these stands in the path of WPS, which gives itself out for Microsoft Excel."""

NO_EXCEL = (
    "这个按钮要在 Excel 打开的工作簿中使用，现在没有连接到它；"
    "请保存并关闭文件，再运行：xl-jifen recalc 文件名，效果相同。"
)
EDITING = "Excel 正忙：请先按 Enter 或 Esc 结束单元格编辑，并关闭打开着的对话框，再点一次按钮。"
UNSAVED = "这个工作簿还没有保存到本机的文件夹；请先保存（云端的文件请另存到本机），再点一次按钮。"

COM_ATTEMPTS = 2_000
"""How often xlwings repeats a call Excel rejects; by itself it would do so for ever."""
ATTEMPTS, PAUSE = 10, 0.2
"""How often, and how many seconds apart, the first call is tried while a cell is being edited."""
REJECTED = {-2147418111, -2146777998}
"""RPC_E_CALL_REJECTED, and the code Excel gives while a cell is being edited."""

WORKBOOKS = "工作簿 (*.xlsx;*.xlsm),*.xlsx;*.xlsm"
"""What the dialog that asks for a workbook offers, as Excel takes it: a name and the patterns."""
LONGEST_MESSAGE = 900
"""Characters a message box shows."""

HEAVY = ("pandas", "numpy", "matplotlib", "PIL", "polars", "plotly")
"""What xlwings imports where it is installed, and what nothing here needs."""
PRO = "xlwings.pro"
"""Its paid part looks for a licence in the open book at each import, 181 calls that wait for a busy Excel for ever."""


class NotReached(CannotRead):
    """The book cannot be reached, and not because Excel is busy: perhaps the classes made of Excel's types are bad."""


class Pressed(NamedTuple):
    """The book whose button was pressed: its window, its name, and the folder of the program that shows it."""

    window: int
    book: str
    program: str = ""


def pressed_by_arguments(arguments: list[str]) -> Pressed | None:
    """What xlwings' RunPython says on the command line; a name may hold ``=``. None if it says nothing."""
    given = dict(each[2:].split("=", 1) for each in arguments if each.startswith("--") and "=" in each)
    if given.get("from_xl", "").strip() != "1" or not given.get("hwnd", "").strip().isdigit():
        return None
    return Pressed(int(given["hwnd"]), given.get("wb", "").strip(), given.get("app", ""))


# -- xlwings ------------------------------------------------------------------------------------------------------


def xlwings() -> ModuleType:
    """The library, imported without the heavy ones it only offers to work with. Raises CannotRead if it is missing."""
    blocked = [name for name in (*HEAVY, PRO) if name not in sys.modules] if "xlwings" not in sys.modules else []
    if blocked:
        _keep_classes_apart()
    sys.modules.update(dict.fromkeys(blocked))  # type: ignore[arg-type]
    try:
        import xlwings as library
    except ImportError as error:
        raise CannotRead("没有安装 xlwings，不能直接操作打开的工作簿；请运行 pip install xlwings==0.37.8。") from error
    finally:
        for name in blocked:
            sys.modules.pop(name, None)
    _tame()
    return library


def classes_folder() -> Path:
    """Where pywin32 keeps the classes it makes of Excel's type library: a folder that no other tool writes."""
    home = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    versions = [f"{sys.version_info[0]}.{sys.version_info[1]}"]
    with suppress(metadata.PackageNotFoundError):
        versions.append(metadata.version("pywin32"))
    return home / "xl-jifen" / "gen_py" / "-".join(versions)


def _keep_classes_apart() -> None:
    """Have pywin32 keep them there; by itself it shares a folder below TEMP with every Python tool of the user."""
    with suppress(Exception):
        import win32com  # type: ignore[import-untyped]

        win32com.__gen_path__ = str(classes_folder())
        win32com.gen_py.__path__ = [win32com.__gen_path__]


def forget_classes() -> None:
    """Remove the classes made of Excel's type library, so that the next process makes them anew."""
    shutil.rmtree(classes_folder(), ignore_errors=True)


def _tame() -> None:
    """Let xlwings give up some time, and keep it from ending other people's Excel when Python or a program ends."""
    platform: Any = sys.modules.get("xlwings._xlwindows")
    if platform is not None:
        platform.N_COM_ATTEMPTS = COM_ATTEMPTS
        platform.Apps.cleanup = staticmethod(lambda: None)  # it ends every Excel that has no window of a workbook
        atexit.unregister(platform.cleanup)


def caller(pressed: Pressed | None = None) -> xw.Book:
    """The book whose button was pressed. Raises CannotRead where there is none, with what to do instead."""
    library = xlwings()
    pressed = pressed or pressed_by_arguments(sys.argv)
    try:
        book: xw.Book
        if os.environ.get(HOST, "").lower() == "wps" or (pressed and _is_wps(pressed)):
            book = _wps_book(library, pressed.book if pressed else "")
        elif pressed:
            book = library.App(impl=library._xlwindows.App(xl=pressed.window)).books[pressed.book]
        else:
            book = library.Book.caller()
    except Exception as error:  # xlwings says it with AttributeError, KeyError, bare Exception or com_error
        if is_busy(error):
            raise CannotRead(EDITING) from error
        raise NotReached(NO_EXCEL) from error
    return book


def _is_wps(pressed: Pressed) -> bool:
    return any(word in pressed.program.lower() for word in WPS)


def _wps_book(library: Any, name: str) -> xw.Book:
    """The calling book in a running WPS 表格, which xlwings does not look for by itself."""
    from win32com.client import GetActiveObject  # type: ignore[import-untyped]

    platform = library._xlwindows
    running = platform.COMRetryObjectWrapper(GetActiveObject("ket.Application"))
    app = library.App(impl=platform.App(xl=running, add_book=False))
    book: xw.Book = app.books[name] if name else app.books.active
    return book


def path_of(book: xw.Book) -> Path:
    """Where the book lies on this machine; its folder leaves Python's search path. Raises CannotWrite if nowhere."""
    try:
        path = Path(book.fullname)
    except Exception as error:
        raise CannotWrite(EDITING if is_busy(error) else UNSAVED) from error
    if not path.is_absolute() or not path.is_file():
        raise CannotWrite(UNSAVED)
    # A stray json.py beside the workbook must not be what Python imports.
    sys.path[:] = [entry for entry in sys.path if entry and not _is_beside(entry, path)]
    return path


def _is_beside(entry: str, path: Path) -> bool:
    return os.path.normcase(entry) in (os.path.normcase(path.parent), os.path.normcase(path.with_suffix(".zip")))


# -- what it shows and asks ---------------------------------------------------------------------------------------


def shortened(words: str) -> str:
    """As much as a message box shows."""
    return words if len(words) <= LONGEST_MESSAGE else f"{words[:LONGEST_MESSAGE]}…"


def tell(book: xw.Book, words: str, *, trouble: bool = False) -> None:
    """A message box."""
    book.app.alert(shortened(words), TITLE, mode="critical" if trouble else "info")


def ask_for_workbook(book: xw.Book, title: str) -> Path | None:
    """The workbook the user chooses in the program's own dialog; None if they think better of it."""
    chosen = book.app.api.GetOpenFilename(WORKBOOKS, 1, title)
    return Path(chosen) if isinstance(chosen, str) else None  # a cancelled dialog gives False


def ask(book: xw.Book, question: str, usual: str) -> str | None:
    """What the user types into the program's own dialog, ``usual`` standing there; None if they think better of it."""
    typed = book.app.api.InputBox(question, TITLE, usual)
    return typed.strip() if isinstance(typed, str) else None


# -- what its refusals mean ---------------------------------------------------------------------------------------


@contextmanager
def plainly() -> Iterator[None]:
    """What goes wrong between us and the program becomes one plain sentence: JifenError."""
    try:
        yield
    except JifenError:
        raise
    except Exception as error:
        if is_busy(error):
            raise CannotWrite(EDITING) from error
        if is_refusal(error):
            raise CannotWrite(f"Excel 没有照办：{said(error)}；请保存并关闭文件，再运行 xl-jifen recalc。") from error
        raise


def is_busy(error: BaseException) -> bool:
    """Whether the program takes no calls now: a cell is being edited, or a dialog is open."""
    details = error.args[2] if type(error).__name__ == "com_error" and len(error.args) > 2 else None
    codes: set[object] = {getattr(error, "hresult", None), details[5] if details else None}
    return bool(codes & REJECTED) or type(error).__name__ == "ExcelBusyError"


def is_refusal(error: BaseException) -> bool:
    """Whether the program refused a call."""
    return type(error).__name__ == "com_error"


def is_stale(error: BaseException | None) -> bool:
    """Whether the classes made of Excel's type library are to blame: damaged, or lacking a member that Excel has.

    xlwings takes the latter for a busy Excel; a busy one says so by a refusal of the call.
    """
    if type(error).__name__ == "ExcelBusyError":
        return True
    if isinstance(error, NotReached | CannotWrite):
        return isinstance(error, NotReached) or is_stale(error.__cause__)
    if not isinstance(error, AttributeError):
        return False
    owner = f"{type(error.obj).__module__} {error}"
    return any(word in owner for word in ("win32com", "gen_py", "CLSIDToClassMap", "xlwings._xlwindows"))


def said(error: BaseException) -> str:
    """The program's own words."""
    details = error.args[2] if len(error.args) > 2 else None
    return str((details and details[2]) or (error.args[1] if len(error.args) > 1 else error)).strip("。 ")


def wait_until_ready(book: xw.Book) -> None:
    """Raise CannotWrite if a cell is being edited, and stays so.

    An Excel that only says it is not ready is gone on with: it may mean the macro that waits for us (not documented),
    and one that is being edited refuses the first call, before anything is written.
    """
    refused: Exception | None = None
    for attempt in range(ATTEMPTS):
        try:
            if book.app.api.Ready:
                return
            refused = None
        except Exception as error:
            if not is_busy(error) or is_stale(error):
                raise
            refused = error
        if attempt < ATTEMPTS - 1:
            time.sleep(PAUSE)
    if refused:
        raise CannotWrite(EDITING) from refused


# -- the real host, for the doctor --------------------------------------------------------------------------------


@contextmanager
def scratch_book() -> Iterator[xw.Book]:
    """A new book in a program of its own, which is ended afterwards. Raises CannotRead where there is none."""
    library = xlwings()
    try:
        app = library.App(visible=False, add_book=True)
    except Exception as error:
        raise CannotRead("没有连接到 Excel；请在装有 Excel 的 Windows 电脑上运行 xl-jifen doctor --live。") from error
    try:
        yield app.books[0]
    finally:
        with suppress(Exception):
            app.display_alerts = False
        app.quit()
