"""The portable bundle (便携版): what can be known of it without Windows; ``smoke.py`` tries a finished one.

One module, however long: all of it is about the one bundle.
"""

import hashlib
import importlib.util
import re
import subprocess
import sys
import tomllib
import types
import zipfile
from datetime import date
from pathlib import Path, PurePosixPath

import openpyxl
import pytest
from branch_parts import zipped

from xl_jifen.doors import placing
from xl_jifen.period import Cycle

ROOT = Path(__file__).parent.parent
HOME = ROOT / ".github" / "portable"
ON_WINDOWS = ROOT / "xl_jifen" / "doors" / "windows"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = {"branch": ("pdf", "fonts", "excel"), "rollup": ("pdf", "fonts", "excel", "rollup")}


@pytest.fixture(autouse=True)
def _beside_the_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HOME))


@pytest.fixture
def build() -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("build_portable", HOME / "build.py")  # there are other build.py
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# -- the locks ---------------------------------------------------------------------------------------------------------


def name_of(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


@pytest.mark.parametrize("edition", EXTRAS)
def test_a_lock_has_a_windows_wheel_of_every_dependency(edition: str, build: types.ModuleType) -> None:
    locked = tomllib.loads((HOME / build.CONTENTS["editions"][edition]["lock"]).read_text("utf-8"))["packages"]
    wanted = {name_of(each) for each in PROJECT["dependencies"]}
    for extra in EXTRAS[edition]:
        wanted |= {name_of(each) for each in PROJECT["optional-dependencies"][extra]}
    assert wanted | {"pywin32"} <= {each["name"] for each in locked}
    for each in locked:
        files = build.files_of(each)
        assert files, each["name"]
        for file, digest in files.items():
            python, abi, platform = file.removesuffix(".whl").split("-")[-3:]
            assert platform in ("any", "win_amd64"), file
            assert python == "cp312" or abi == "abi3" or "py3" in python.split("."), file
            assert re.fullmatch("[0-9a-f]{64}", digest), file


@pytest.mark.parametrize("edition", EXTRAS)
def test_locked_versions_are_those_the_project_asks_for(edition: str, build: types.ModuleType) -> None:
    locked = tomllib.loads((HOME / build.CONTENTS["editions"][edition]["lock"]).read_text("utf-8"))["packages"]
    versions = {each["name"]: each["version"] for each in locked}
    asked = [*PROJECT["dependencies"], *(each for extra in EXTRAS[edition] for each in
                                         PROJECT["optional-dependencies"][extra])]  # fmt: skip
    for requirement in asked:
        found = versions[name_of(requirement)]
        for operator, version in re.findall(r"(==|>=)([\d.]+)", requirement.partition(";")[0]):
            numbers = [tuple(map(int, text.split("."))) for text in (found, version)]
            assert numbers[0] == numbers[1] if operator == "==" else numbers[0] >= numbers[1], requirement


def test_both_editions_lock_the_same_versions(build: types.ModuleType) -> None:
    branch, rollup = (
        {each["name"]: each["version"] for each in tomllib.loads((HOME / lock).read_text("utf-8"))["packages"]}
        for lock in ("pylock.toml", "pylock.rollup.toml")
    )
    assert branch.items() <= rollup.items()


# -- a bundle of small pieces ------------------------------------------------------------------------------------------


EMBEDDED = {"python.exe": b"MZ", "python312.dll": b"MZ", "python312._pth": b"import site", "python312.zip": b"PK"}
XLWINGS = {
    "xlwings/__init__.py": b"__version__ = '0.37.8'\n",
    "xlwings/addin/xlwings.xlam": b"PK",
    "xlwings/quickstart.xlsm": b"PK",
    "xlwings/xlwings.bas": b"Shell",
    "xlwings/pro/__init__.py": b"\n",
    "xlwings/xlwingslib.cp312-win_amd64.pyd": b"MZ",
    "xlwings-0.37.8.data/data/xlwings32-0.37.8.dll": b"MZ",
    "xlwings-0.37.8.data/data/xlwings64-0.37.8.dll": b"MZ",
    "xlwings-0.37.8.data/scripts/xlwings": b"#!",
    "xlwings-0.37.8.dist-info/licenses/LICENSE.txt": b"BSD",
    "xlwings-0.37.8.dist-info/licenses/LICENSE_PRO.txt": b"PRO",
}
PYWIN32 = {
    "win32/win32api.pyd": b"MZ",
    "win32/Demos/timer.py": b"\n",
    "pywin32_system32/pywintypes312.dll": b"MZ",
    "pythonwin/Pythonwin.exe": b"MZ",
    "pywin32.pth": b"win32",
    "win32comext/shell/shell.pyd": b"MZ",
    "win32comext/adsi/adsi.pyd": b"MZ",
}


def made(build: types.ModuleType, out: Path) -> tuple[Path, Path]:
    out.mkdir()
    own = {f"xl_jifen/_assets/workbook/{name}": (ROOT / "workbook" / name).read_bytes() for name in build.MASTERS}
    own["xl_jifen/__init__.py"] = b"\n"
    own |= {f"xl_jifen/doors/windows/{path.name}": path.read_bytes() for path in sorted(ON_WINDOWS.glob("*.py"))}
    wheels = [build.Wheel("xlwings", "0.37.8", zipped(XLWINGS)), build.Wheel("pywin32", "312", zipped(PYWIN32))]
    return build.build(out, zipped(EMBEDDED), build.Wheel("xl-jifen", "9.9.9", zipped(own)), wheels)


@pytest.fixture
def bundle(build: types.ModuleType, tmp_path: Path) -> Path:
    return made(build, tmp_path / "out")[0]


@pytest.mark.slow
def test_everything_lies_where_windows_looks_for_it(bundle: Path, build: types.ModuleType) -> None:
    found = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    site = "python/Lib/site-packages"
    assert {path for path in found if "__pycache__" not in path} == {
        *("SHA256SUMS", "安装.cmd", "卸载.cmd", "xl-jifen.cmd", "说明.txt", "党员积分.xlsm", "党员积分.xlsx"),
        *("python/python.exe", "python/python312.dll", "python/python312.zip", "python/python312._pth"),
        *("python/xlwings32-0.37.8.dll", "python/xlwings64-0.37.8.dll", "python/pywintypes312.dll"),
        *(f"{site}/xlwings/__init__.py", f"{site}/xlwings-0.37.8.dist-info/licenses/LICENSE.txt"),
        *(f"{site}/win32/win32api.pyd", f"{site}/win32comext/shell/shell.pyd"),
        *(f"{site}/xl_jifen/_assets/workbook/{name}" for name in build.MASTERS),
        *(f"{site}/xl_jifen/doors/windows/{name}.py" for name in ("__init__", "install", "dropped", "shell")),
        f"{site}/xl_jifen/__init__.py",
    }


@pytest.mark.slow
def test_its_python_sees_nothing_of_the_machine(bundle: Path) -> None:
    lines = (bundle / "python" / "python312._pth").read_bytes().decode("ascii").split("\r\n")
    assert lines.pop() == ""
    assert "import site" not in lines
    assert {r"Lib\site-packages", r"Lib\site-packages\win32", r"Lib\site-packages\win32\lib"} <= set(lines)
    assert not any(line.startswith(("/", "\\")) or ":" in line or ".." in line for line in lines)


@pytest.mark.slow
def test_modules_are_compiled_where_the_python_is_the_same(bundle: Path) -> None:
    compiled = list(bundle.rglob("*.pyc"))
    assert bool(compiled) == (sys.version_info[:2] == (3, 12))
    assert all(b"pytest" not in path.read_bytes() for path in compiled), "the folder it was built in shows"


def test_compiled_modules_lie_beside_their_source_wherever_this_python_keeps_its_own(
    build: types.ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "elsewhere"))
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "module.py").write_text("x = 1", "ascii")
    build.compile_modules(tmp_path, f"{sys.version_info[0]}.{sys.version_info[1]}.0", PurePosixPath("site"))
    assert [path.parent for path in tmp_path.rglob("*.pyc")] == [tmp_path / "site" / "__pycache__"]
    assert sys.pycache_prefix == str(tmp_path / "elsewhere")


@pytest.mark.slow
def test_sums_tell_every_file(bundle: Path) -> None:
    lines = (bundle / "SHA256SUMS").read_text("utf-8").splitlines()
    for line in lines:
        digest, path = line.split("  ", 1)
        assert hashlib.sha256((bundle / path).read_bytes()).hexdigest() == digest
    assert len(lines) == sum(path.is_file() for path in bundle.rglob("*")) - 1


@pytest.mark.slow
def test_a_second_build_has_the_same_bytes(build: types.ModuleType, tmp_path: Path) -> None:
    _, first = made(build, tmp_path / "one")
    _, second = made(build, tmp_path / "two")
    assert first.name == "xl-jifen-9.9.9-win64.zip"
    assert first.read_bytes() == second.read_bytes()
    digest, name = first.with_name(f"{first.name}.sha256").read_text("ascii").split()
    assert (digest, name) == (hashlib.sha256(first.read_bytes()).hexdigest(), first.name)
    with zipfile.ZipFile(first) as file:
        assert {info.filename.split("/")[0] for info in file.infolist()} == {"党员积分-9.9.9-win64"}
        assert all(info.flag_bits & 0x800 for info in file.infolist()), "Explorer reads such names as UTF-8"


@pytest.mark.slow
def test_what_is_there_is_not_built_over(build: types.ModuleType, tmp_path: Path) -> None:
    made(build, tmp_path / "out")
    with pytest.raises(SystemExit, match="is there already"):
        build.build(tmp_path / "out", zipped(EMBEDDED), build.Wheel("xl-jifen", "9.9.9", b""), [])


def test_a_path_too_long_for_windows_is_refused(build: types.ModuleType, tmp_path: Path) -> None:
    long = build.Wheel("long", "1", zipped({f"{'a' * 140}/x.py": b"\n"}))
    own = build.Wheel("xl-jifen", "1", zipped({f"xl_jifen/_assets/workbook/{name}": b"PK" for name in build.MASTERS}))
    with pytest.raises(SystemExit, match="too long"):
        build.build(tmp_path, zipped(EMBEDDED), own, [long])


@pytest.mark.parametrize("name", ["../x.py", "/x.py", "a/../../x.py", "C:/x.py", "a\\..\\x.py"])
def test_a_wheel_cannot_write_elsewhere(name: str, build: types.ModuleType) -> None:
    with pytest.raises(SystemExit, match="leads out"):
        build.inside(name)


def test_only_locked_wheels_are_taken(build: types.ModuleType, tmp_path: Path) -> None:
    def locked(data: bytes) -> list[dict[str, object]]:
        hashes = {"sha256": hashlib.sha256(data).hexdigest()}
        return [{"name": "a", "version": "1", "wheels": [{"url": "https://x/a-1-py3-none-any.whl", "hashes": hashes}]}]

    with pytest.raises(SystemExit, match="0 wheels of a 1"):
        list(build.wheels(locked(b""), tmp_path))
    (tmp_path / "a-1-py3-none-any.whl").write_bytes(b"good")
    assert list(build.wheels(locked(b"good"), tmp_path)) == [build.Wheel("a", "1", b"good")]
    with pytest.raises(SystemExit, match="not the file in the lock"):
        list(build.wheels(locked(b"other"), tmp_path))
    assert build.requirements(locked(b"")) == f"a==1 --hash=sha256:{hashlib.sha256(b'').hexdigest()}\n"


def test_python_is_pinned_by_hash(build: types.ModuleType, tmp_path: Path) -> None:
    pinned = build.CONTENTS["python"]
    assert re.fullmatch("[0-9a-f]{64}", pinned["sha256"])
    assert pinned["url"].endswith(f"/{pinned['version']}/python-{pinned['version']}-embed-amd64.zip")
    (tmp_path / "python.zip").write_bytes(b"something else")
    with pytest.raises(SystemExit, match="is not the file"):
        build.fetch(pinned | {"url": (tmp_path / "python.zip").as_uri()})


# -- scripts and words -------------------------------------------------------------------------------------------------

SCRIPTS = ("安装.cmd", "卸载.cmd", "xl-jifen.cmd")


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_one_that_every_windows_runs(name: str, bundle: Path) -> None:
    data = (bundle / name).read_bytes()
    assert data.startswith(b"@")
    assert data.count(b"\n") == data.count(b"\r\n")
    for line in data.decode("gbk").splitlines():
        if not line.startswith("echo "):
            assert line.isascii()
        # in another code page the second byte of a character must not become an operator of cmd
        assert all(not set(char.encode("gbk")) & set(b'|^&<>"%()') for char in line if not char.isascii()), line
        assert all(line[at - 1] == '"' for at in [found.start() for found in re.finditer("%~dp0", line)]), line
    labels = set(re.findall(rb"^:(\w+)", data, re.MULTILINE))
    assert set(re.findall(rb"goto (\w+)", data)) == labels


@pytest.mark.slow
def test_scripts_start_modules_that_are_there(bundle: Path) -> None:
    for name in SCRIPTS:
        [module] = re.findall(r'python\.exe" -m ([\w.]+)', (bundle / name).read_bytes().decode("gbk"))
        assert module == "xl_jifen" or list(bundle.rglob(f"{module.replace('.', '/')}.py")), module


@pytest.mark.slow
def test_the_words_open_in_every_notepad(bundle: Path) -> None:
    data = (bundle / "说明.txt").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\n") == data.count(b"\r\n")
    text = data.decode("utf-8-sig")
    assert "9.9.9" in text
    assert "{" not in text
    assert len(text.splitlines()) <= 45, "one page"


# -- where the workbook finds Python -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_workbook_looks_where_the_program_is_put(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install = importlib.import_module("xl_jifen.doors.windows.install")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    settings = dict(openpyxl.load_workbook(bundle / "党员积分.xlsm")["xlwings.conf"].values)
    installed = install.home() / "python" / "python.exe"
    for key in ("INTERPRETER_WIN", "JIFEN INTERPRETER"):
        assert Path(settings[key].replace("%LOCALAPPDATA%", str(tmp_path)).replace("\\", "/")) == installed
    module = (ROOT / "workbook" / "vba" / "JiFenStart.bas").read_text("ascii")
    assert 'separator & "python" & separator & "python.exe"' in module, "beside the workbook, as in the bundle"
    assert (bundle / "python" / "python.exe").is_file()


# -- setting up --------------------------------------------------------------------------------------------------------


class Windows(types.ModuleType):
    """What ``windows.py`` does, on paper."""

    def __init__(self, home: Path, versions: tuple[str, ...] = ("16.0", "14.0")) -> None:
        super().__init__("xl_jifen.doors.windows.shell")
        self.home, self.versions, self.trusted = home, list(versions), {}
        for folder in (self.desktop(), self.documents()):
            folder.mkdir(parents=True)

    def desktop(self) -> Path:
        return self.home / "桌面"

    def documents(self) -> Path:
        return self.home / "文档"

    def make_shortcut(self, path: Path, target: Path, arguments: str, *_: object) -> None:
        path.write_text(f"{target}\n{arguments}", "utf-8")

    def target_of(self, path: Path) -> Path:
        return Path(path.read_text("utf-8").splitlines()[0])

    def excel_versions(self) -> list[str]:
        return self.versions

    def trust(self, folder: Path, version: str) -> None:
        self.trusted[version] = folder

    def distrust(self) -> int:
        count = len(self.trusted)
        self.trusted.clear()
        return count


@pytest.fixture
def windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Windows:
    stand_in = Windows(tmp_path / "用户")
    package = importlib.import_module("xl_jifen.doors.windows")
    monkeypatch.setitem(sys.modules, "xl_jifen.doors.windows.shell", stand_in)
    monkeypatch.setattr(package, "shell", stand_in, raising=False)
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "本地 数据"))
    return stand_in


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []

    def type_next(_: str) -> str:
        if not lines:
            raise EOFError
        return lines.pop(0)

    monkeypatch.setattr("builtins.input", type_next)
    return lines


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.slow
def test_setting_up_and_undoing_it_leaves_only_the_workbook(
    bundle: Path, windows: Windows, typed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install = importlib.import_module("xl_jifen.doors.windows.install")
    typed += ["y"]
    install.install(bundle)
    python = tmp_path / "本地 数据" / "xl-jifen" / "python"
    assert everything(python) == everything(bundle / "python")
    icons = sorted(path.name for path in windows.desktop().iterdir())
    assert icons == ["党员积分.lnk", "生成公示.lnk", "重新计算.lnk"]
    assert windows.target_of(windows.desktop() / "重新计算.lnk") == python / "python.exe"
    workbook = windows.documents() / "党员积分" / "党员积分.xlsm"
    assert workbook.read_bytes() == (bundle / "党员积分.xlsm").read_bytes()
    assert windows.trusted == {"16.0": workbook.parent, "14.0": workbook.parent}
    workbook.write_bytes(b"filled in")
    install.install(bundle)  # again, as for a new version
    assert workbook.read_bytes() == b"filled in"
    install.undo()
    assert not windows.trusted
    assert not list(windows.desktop().iterdir())
    assert not python.parent.exists()
    assert workbook.read_bytes() == b"filled in"
    assert "×" not in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("said", [[], [""], ["n"], ["不"]])
def test_a_location_is_trusted_only_after_a_yes(
    said: list[str], bundle: Path, windows: Windows, typed: list[str]
) -> None:
    typed += said
    importlib.import_module("xl_jifen.doors.windows.install").install(bundle)
    assert not windows.trusted


@pytest.mark.slow
def test_other_peoples_icons_stay(
    bundle: Path, windows: Windows, typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    install = importlib.import_module("xl_jifen.doors.windows.install")
    theirs = windows.desktop() / "重新计算.lnk"
    theirs.write_text("C:/theirs.exe\n", "utf-8")
    install.install(bundle)
    assert "桌面上已有别的“重新计算”" in capsys.readouterr().out
    install.undo()
    assert theirs.read_text("utf-8") == "C:/theirs.exe\n"


@pytest.mark.slow
def test_a_damaged_bundle_is_not_set_up(
    bundle: Path, windows: Windows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install = importlib.import_module("xl_jifen.doors.windows.install")
    (bundle / "党员积分.xlsm").write_bytes(b"the user's own by now")
    assert install.verify(bundle) == sum(path.is_file() for path in (bundle / "python").rglob("*"))
    (bundle / "python" / "python312.dll").write_bytes(b"MX")
    monkeypatch.setattr(install.install, "__defaults__", (bundle,))
    assert install.main([]) == 2
    assert "× 便携版的文件不完整（python/python312.dll）" in capsys.readouterr().out
    assert not (tmp_path / "本地 数据").exists()


@pytest.mark.slow
def test_a_file_put_into_the_program_is_not_set_up_with_it(bundle: Path) -> None:
    install = importlib.import_module("xl_jifen.doors.windows.install")
    (bundle / "python" / "xl_jifen.py").write_text("raise SystemExit", "ascii")
    with pytest.raises(install.InTheWay, match=r"不认识的文件（python/xl_jifen\.py）"):
        install.verify(bundle)


@pytest.mark.slow
def test_the_mark_of_the_web_is_taken_off(bundle: Path) -> None:
    install = importlib.import_module("xl_jifen.doors.windows.install")
    mark = Path(f"{bundle / '党员积分.xlsm'}:Zone.Identifier")  # on NTFS a stream, elsewhere a file of that name
    mark.write_text("[ZoneTransfer]\nZoneId=3\n", "ascii")
    install.unblock(bundle)
    assert not mark.exists()
    assert (bundle / "党员积分.xlsm").exists()


@pytest.mark.slow
def test_a_program_in_use_stays_whole(
    bundle: Path, windows: Windows, typed: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install = importlib.import_module("xl_jifen.doors.windows.install")
    install.install(bundle)
    python = tmp_path / "本地 数据" / "xl-jifen" / "python"
    before = everything(python)
    monkeypatch.setattr(placing.time, "sleep", lambda _: None)

    def in_use(path: Path, target: Path) -> None:
        if path == python:
            raise PermissionError(13, "in use")
        real(path, target)

    real = Path.rename
    monkeypatch.setattr(Path, "rename", in_use)
    for act in (lambda: install.install(bundle), install.undo):
        with pytest.raises(install.InTheWay, match="正在使用"):
            act()
    assert everything(python) == before
    assert len(list(windows.desktop().iterdir())) == 3


# -- workbooks on the icons --------------------------------------------------------------------------------------------


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    commands: list[list[str]] = []

    def note(arguments: list[str]) -> int:
        commands.append(arguments)
        return len(commands) - 1

    monkeypatch.setattr("xl_jifen.doors.cli.cli.main", note)
    return commands


def test_every_dropped_workbook_has_its_turn(ran: list[list[str]], typed: list[str]) -> None:
    dropped = importlib.import_module("xl_jifen.doors.windows.dropped")
    files = ["C:/一 份 & 100% 的!.xlsx", r"\\机关\共享\乙.xlsm"]
    assert dropped.main(["recalc", *files]) == 1
    assert ran == [["recalc", str(Path(file))] for file in files]


def test_the_desk_opens_with_a_workbook_and_without(ran: list[list[str]], typed: list[str], windows: Windows) -> None:
    dropped = importlib.import_module("xl_jifen.doors.windows.dropped")
    dropped.main(["desk"])
    dropped.main(["desk", "甲.xlsx"])
    assert ran == [["desk"], ["desk", "甲.xlsx"]]


def test_a_double_click_asks_for_workbooks(ran: list[list[str]], typed: list[str], windows: Windows) -> None:
    dropped = importlib.import_module("xl_jifen.doors.windows.dropped")
    windows.ask_for_workbooks = lambda title: [Path("甲.xlsx")]
    assert dropped.main(["recalc"]) == 0
    windows.ask_for_workbooks = lambda title: []
    assert dropped.main(["recalc"]) == 0
    assert ran == [["recalc", "甲.xlsx"]]


@pytest.mark.parametrize(
    ("answers", "quarter"), [([""], "2026Q3"), ([], "2026Q3"), (["2"], "2026Q2"), (["9", "二", "4", "1"], "2026Q4")]
)
def test_the_quarter_is_asked_for(
    answers: list[str], quarter: str, ran: list[list[str]], typed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dropped = importlib.import_module("xl_jifen.doors.windows.dropped")
    monkeypatch.setattr(dropped, "date", types.SimpleNamespace(today=lambda: date(2026, 11, 20)))
    typed += answers
    from xl_jifen.verbs import quarter as verbs

    with monkeypatch.context() as patched:
        patched.setattr(verbs, "open_workbook", lambda path: with_cycle(Cycle(date(2026, 1, 1), date(2026, 12, 31))))
        dropped.main(["publish", "甲.xlsx"])
    assert ran == [["publish", "甲.xlsx", quarter]]


def with_cycle(cycle: Cycle | None, kind: str = "季") -> types.SimpleNamespace:
    settings = types.SimpleNamespace(cycle=cycle, notice_period=kind)
    return types.SimpleNamespace(reckoning=types.SimpleNamespace(register=types.SimpleNamespace(settings=settings)))


def test_a_workbook_without_quarters_is_checked_instead(ran: list[list[str]], tmp_path: Path, typed: list[str]) -> None:
    dropped = importlib.import_module("xl_jifen.doors.windows.dropped")
    dropped.main(["publish", str(tmp_path / "没有.xlsx")])
    assert ran == [["check", str(tmp_path / "没有.xlsx")]]


@pytest.mark.parametrize(
    ("today", "quarter"),
    [
        (date(2026, 7, 20), "2026Q3"),
        (date(2026, 10, 1), "2026Q3"),
        (date(2027, 1, 1), "2026Q4"),
        (date(2028, 1, 1), "2027Q2"),
    ],
)
def test_the_usual_quarter_is_the_last_that_is_over(today: date, quarter: str) -> None:
    dropped = importlib.import_module("xl_jifen.doors.windows.dropped")
    assert str(dropped.latest(Cycle(date(2026, 7, 1), date(2027, 6, 30)), today, "季")) == quarter


@pytest.mark.parametrize(
    ("kind", "today", "offered", "usual"),
    [
        ("月", date(2026, 3, 2), "2026-01 2026-02 2026-03", "2026-02"),
        ("季", date(2025, 12, 2), "2026Q1", "2026Q1"),
        ("季", date(2026, 4, 1), "2026Q1 2026Q2", "2026Q1"),
        ("半年", date(2026, 12, 31), "2026H1 2026H2", "2026H1"),
        ("半年", date(2027, 1, 1), "2026H1 2026H2 year", "2026H2"),
        ("年", date(2027, 1, 1), "year", "year"),
    ],
)
def test_periods_of_the_branchs_kind_are_offered_and_none_to_come(
    kind: str, today: date, offered: str, usual: str
) -> None:
    dropped = importlib.import_module("xl_jifen.doors.windows.dropped")
    cycle = Cycle(date(2026, 1, 1), date(2026, 12, 31))
    assert " ".join(map(str, dropped.offered(cycle, today, kind))) == offered
    assert str(dropped.latest(cycle, today, kind)) == usual


# -- the release -------------------------------------------------------------------------------------------------------


def test_a_tag_must_be_the_version(tmp_path: Path) -> None:
    check_tag = importlib.import_module("check_tag")
    assert check_tag.differences(f"v{PROJECT['version']}") == []
    assert len(check_tag.differences(PROJECT["version"])) == 2
    (tmp_path / "xl_jifen").mkdir()
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n', "utf-8")
    (tmp_path / "xl_jifen" / "__init__.py").write_text('__version__ = "1.1.0"\n', "utf-8")
    assert check_tag.differences("v1.2.0", tmp_path) == ["xl_jifen/__init__.py says 1.1.0, the tag v1.2.0"]


@pytest.mark.slow
@pytest.mark.parametrize(("tag", "code"), [(f"v{PROJECT['version']}", 0), ("v0.0.1", 1)])
def test_the_release_goes_on_with_the_right_tag_alone(tag: str, code: int) -> None:
    """As the workflow calls it."""
    done = subprocess.run([sys.executable, HOME / "check_tag.py", tag], capture_output=True, text=True, check=False)
    assert (done.returncode, "pyproject.toml says" in done.stderr) == (code, bool(code))


def test_the_release_builds_what_is_here(build: types.ModuleType) -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    for script in re.findall(r"\.github/portable/\w+\.py", text):
        assert (ROOT / script).is_file(), script
    [editions] = re.findall(r"edition: \[(.*)\]", text)
    assert sorted(editions.split(", ")) == sorted(build.CONTENTS["editions"])
    assert text.index("contents: read") < text.index("jobs:")
    assert text.count("contents: write") == 1
