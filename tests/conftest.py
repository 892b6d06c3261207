"""What all tests share: ``--update`` rewrites generated texts (gallery, README); children keep their bytecode."""

from __future__ import annotations

import ctypes
import functools
import gc
import importlib.util
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

BYTECODE = Path(__file__).parent.parent / ".pytest_cache" / "bytecode"
if sys.dont_write_bytecode:
    # Containers often forbid __pycache__; then this process and every child of it would compile everything anew.
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(BYTECODE)

import needs  # noqa: E402
import pytest  # noqa: E402

if TYPE_CHECKING:
    from engines import wine
    from playwright.sync_api import Browser


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest --update`` rewrites the blocks ``## 文字`` of tests/findings and the README's generated parts."""
    parser.addoption("--update", action="store_true", help="rewrite generated texts; review the diff")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What presses buttons under Wine runs only where it is asked for by name."""
    if "wine" not in config.getoption("-m"):
        left = [item for item in items if item.get_closest_marker("wine")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def pytest_collection(session: pytest.Session) -> None:
    """What collecting makes stays to the end: nobody looks for rubbish in it, now or later.

    xlwings comes as users have it, without pandas, which is a quarter of what a process holds here.
    """
    from xl_jifen.excel.live import program

    gc.disable()
    program.xlwings()


def pytest_collection_finish(session: pytest.Session) -> None:
    """In the tests it is looked for more seldom: the program, whose commands end soon, hardly does."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether the gallery's wording is to be rewritten."""
    return bool(request.config.getoption("--update"))


@pytest.fixture(autouse=True, scope="session")
def _ctrl_c_is_heard() -> None:
    """A shell starts what runs in the background with Ctrl+C ignored, and children inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _children_keep_their_bytecode() -> Iterator[None]:
    """Where this process keeps its own, so that what one compiled all read."""
    with pytest.MonkeyPatch.context() as patched:
        if "PYTHONDONTWRITEBYTECODE" in os.environ:
            patched.delenv("PYTHONDONTWRITEBYTECODE")
            patched.setenv("PYTHONPYCACHEPREFIX", str(BYTECODE))
        yield


@pytest.fixture(autouse=True, scope="session")
def _typesetter(_children_keep_their_bytecode: None) -> Iterator[Any]:
    """Pages are set by one child for all commands, each once; None where there is no typst."""
    from xl_jifen.render import typeset, typesetter

    if importlib.util.find_spec("typst") is None:
        yield None
        return
    import typst
    from typesetter import Typesetter

    setter = Typesetter()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(typeset, "_small", functools.lru_cache(maxsize=8)(typeset._small))
        patched.setattr(typesetter, "in_place", True)
        for name, stand_in in (("Fonts", setter.fonts), ("compile", setter.compile), ("query", setter.query)):
            patched.setattr(typst, name, stand_in)
        yield setter
    setter.rest()


@pytest.fixture(autouse=True, scope="session")
def _reader() -> Iterator[Any]:
    """A sheet is read once by the tests of a file, however many workbooks it stands in."""
    from read_before import Reader

    from xl_jifen.excel.read import file

    with pytest.MonkeyPatch.context() as patched:
        reader = Reader()
        patched.setattr(file, "_rows", reader.rows)
        yield reader


@pytest.fixture(autouse=True, scope="session")
def _office() -> Iterator[None]:
    """The one LibreOffice of this process ends with it."""
    yield
    if "libreoffice" in sys.modules:
        sys.modules["libreoffice"].end()


LARGE = 480
"""Megabytes from which on a process of tests gives back what it can do without."""


@pytest.fixture(autouse=True, scope="module")
def _memory_is_given_back(_reader: Any) -> Iterator[None]:
    """What the tests of a file took is not held while those of the next take theirs.

    What is left after a file stays to the end: nobody looks through it again for rubbish.
    """
    yield
    from typesetter import megabytes

    if large := megabytes() > LARGE:
        _reader.known.clear()
    gc.collect()
    gc.freeze()
    if large and sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):  # GNU only
        trim(0)
    if "libreoffice" in sys.modules:
        sys.modules["libreoffice"].rest()


@pytest.fixture
def set_anew(_typesetter: Any) -> Callable[[], None]:
    """Called, it lets nothing be taken from what was set before: for whether the same page gives the same bytes."""
    return _typesetter.forget if _typesetter else lambda: None


@pytest.fixture
def read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sheet is cut up, whether it was before or not: for the tests of what does that."""
    import read_before

    from xl_jifen.excel.read import file

    monkeypatch.setattr(file, "_rows", read_before.really)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """So that ``needs`` can see that what starts an office is marked ``office``."""
    needs.running = item
    return (yield)


@pytest.fixture(autouse=True, scope="session")
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The program's own folder of a user who is nobody here; what processes of ours make of it goes there too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("本机数据")))
        yield


@pytest.fixture(scope="session")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> wine.Wine:
    """A Windows Python under Wine; kept in the folder XL_JIFEN_WINE, if that names one."""
    from engines import wine

    if name := wine.lacking():
        needs.missing(name)
    kept = os.environ.get("XL_JIFEN_WINE")
    return wine.built(Path(kept) if kept else tmp_path_factory.mktemp("wine"))


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example branch in a macro workbook."""
    from xl_jifen.verbs import quarter

    return quarter.example(tmp_path_factory.mktemp("demo") / "示例.xlsm")


@pytest.fixture
def excel(prefix: wine.Wine, example: Path, tmp_path: Path) -> Iterator[wine.Excel]:
    """The stand-in for Excel with the example branch open, in names that a command line would split or expand."""
    from engines import wine

    folder = tmp_path / "党员 积分&(1)"
    folder.mkdir()
    book = Path(shutil.copy(example, folder / wine.AWKWARD))
    with wine.opened(prefix, tmp_path, book) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for a file of tests: between them its loop must not run."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        path = needs.program(*needs.BROWSERS)
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The branch with three quarters published, none archived; tests work on copies."""
    from closed_year import Q1, Q2, Q3, publish, write

    home = tmp_path_factory.mktemp("branch")
    write(home)
    for quarter in (Q1, Q2, Q3):
        publish(home, quarter)
    return home


@pytest.fixture(scope="session")
def archived(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The branch with two quarters archived; tests work on copies."""
    from closed_year import Q1, Q2, shut

    home = tmp_path_factory.mktemp("archived") / "支部"
    shutil.copytree(published, home)
    for quarter in (Q1, Q2):
        shut(home, quarter)
    return home


@pytest.fixture
def open_year(published: Path, tmp_path: Path) -> Path:
    """A copy of the branch with three quarters published."""
    return Path(shutil.copytree(published, tmp_path / "支部"))


@pytest.fixture
def home(archived: Path, tmp_path: Path) -> Path:
    """A copy of the branch with two quarters archived."""
    return Path(shutil.copytree(archived, tmp_path / "支部"))
