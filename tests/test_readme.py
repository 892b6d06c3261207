"""The README and the pages of xl_jifen/docs say what is true: what is made from the code is up to date, commands run.

Every ``xl-jifen …`` they show, fenced or inline, is run in its order in one folder, on a branch's real workbook.
"""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from readme_parts import PART, parsers, with_parts

from xl_jifen.doors.cli import commands
from xl_jifen.doors.cli.cli import main
from xl_jifen.render import forms, typeset
from xl_jifen.verbs import quarter
from xl_jifen.verbs.done import FINE, FOUND

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = ROOT / "xl_jifen" / "docs"
PAGES = (README, *sorted(DOCS.glob("*.md")))
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
MOST_LINES = 300
"""Of the README: what is read in one sitting."""
PICTURES = ROOT / ".github" / "pictures"
MOST_BYTES = 1_500_000

BOOK = "党员积分.xlsx"
COMMAND = re.compile(r"(?:\.venv/bin/)?xl-jifen(?:\s.*)?")
FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")

NOT_RUN: Mapping[str, str] = MappingProxyType(
    {
        "doctor --live": "needs Excel on Windows; what it does elsewhere is in tests/test_doctor.py",
        "watch 党员积分.xlsx": "runs until Ctrl+C; tests/test_desk.py",
        "desk 党员积分.xlsx": "runs until Ctrl+C; tests/test_desk.py",
    }
)
"""The commands of the README that are not run here, and why."""


def filled(folder: Path) -> None:
    """What the branch does after ``new``: settings, roster and entries; and what its members declare."""
    (folder / BOOK).unlink()
    quarter.example(folder / BOOK)
    rows = "姓名,加分项目,日期,具体事由,佐证\n赵犇,加3-2 助人为乐,2026-03-30,敬老院服务,服务证明\n"
    (folder / "申报.csv").write_text(rows, "utf-8")


def other_rules(folder: Path) -> None:
    shutil.copy(folder / BOOK, folder / "新规则.xlsx")


def collected(folder: Path) -> None:
    (folder / "各支部").mkdir()
    shutil.copy(folder / BOOK, folder / "各支部")


MEANWHILE: Mapping[str, Callable[[Path], None]] = MappingProxyType(
    {"import": filled, "compare": other_rules, "rollup": collected}
)
"""What a person does before the first command that begins so."""

DAYS = {"close": datetime(2026, 4, 20, 9), "statement": datetime(2027, 1, 8, 9)}
FIRST_DAY = datetime(2026, 4, 8, 9)
"""The day it is, from the first command that begins so."""


def clock(day: datetime) -> type[datetime]:
    """A ``datetime`` on which it is always that day."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return day

    return Clock


@pytest.fixture
def pages() -> Mapping[Path, str]:
    return {page: page.read_text("utf-8") for page in PAGES}


@pytest.fixture
def book(pages: Mapping[Path, str]) -> str:
    """All pages one after the other, the README first."""
    return "\n".join(pages.values())


def by_hand(text: str) -> str:
    """The README without the parts made from the code."""
    return PART.sub("", text)


def shown_commands(text: str) -> list[str]:
    """Every command shown, in order and once, without ``xl-jifen``."""
    found: list[tuple[int, str]] = []
    for block in FENCED.finditer(text):
        if block[2] == "sh":
            calls = (call.strip() for line in block[3].splitlines() for call in line.split("&&"))
            found += [(block.start(), call) for call in calls if COMMAND.fullmatch(call)]
    plain = FENCED.sub(lambda block: " " * len(block[0]), text)
    found += [(code.start(), code[1]) for code in INLINE.finditer(plain) if COMMAND.fullmatch(code[1])]
    calls = [
        call.rpartition("xl-jifen")[2].strip() if " " not in call else call.partition(" ")[2]
        for _, call in sorted(found)
    ]
    return list(dict.fromkeys(calls))


def test_what_is_made_from_the_code_is_up_to_date(pages: Mapping[Path, str], update: bool) -> None:
    for page, text in pages.items():
        made = with_parts(text)
        if update:
            page.write_text(made, "utf-8", newline="\n")
        else:
            assert made == text, f"{page.name}: run pytest tests/test_readme.py --update"


def test_the_readme_is_read_in_one_sitting() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= MOST_LINES


def test_every_command_is_told(book: str) -> None:
    told = re.search(r"<!-- commands:.*?<!-- /commands -->", book, re.DOTALL)
    assert told is not None
    assert re.findall(r"^`xl-jifen ([a-z-]+)", told[0], re.MULTILINE) == list(parsers())


@pytest.fixture
def a_form_set_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each form the first page alone is set by typst: every member's own is read in test_yearend."""
    really, once = typeset.compiled, dict[str, bytes]()

    def compiled(files: dict[str, bytes] | Path, *given: Any) -> bytes:
        template = repr(files)
        if template not in once:
            once[template] = really(files, *given)
        return once[template]

    monkeypatch.setattr(forms, "compiled", compiled)


@pytest.mark.slow
@pytest.mark.usefixtures("a_form_set_once")
def test_every_command_shown_runs(
    book: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = shown_commands(by_hand(book))
    waiting, days, now = dict(MEANWHILE), dict(DAYS), FIRST_DAY
    assert set(NOT_RUN) <= set(shown), "a reason without its command"
    for call in shown:
        if call in NOT_RUN:
            continue
        for begin in [begin for begin in days if call.startswith(begin)]:
            now = days.pop(begin)
        for begin in [begin for begin in waiting if call.startswith(begin)]:
            waiting.pop(begin)(tmp_path)

        monkeypatch.setattr(commands, "datetime", clock(now))
        try:
            code = main(shlex.split(call))
        except SystemExit as stopped:
            code = int(str(stopped.code))
        said = capsys.readouterr()
        assert code in (FINE, FOUND), f"xl-jifen {call}\n{said.out}{said.err}"
        assert said.out, call
    assert not waiting
    assert not days
    made = {path.parts[0] for path in (path.relative_to(tmp_path) for path in tmp_path.rglob("*.*"))}
    assert {"公示", "归档", "备份", "个人明细", "组织生活会", "民主评议", "汇总.xlsx", "示例"} <= made


def test_ci_runs_the_readmes_test_command() -> None:
    readme = README.read_text("utf-8")
    assert "grep -m1 'python -m pytest' README.md" in (ROOT / ".ci" / "run").read_text("utf-8")
    assert sum("-m pytest" in line for line in readme.splitlines()) == 1


def test_every_picture_is_shown_and_made_by_the_script(pages: Mapping[Path, str]) -> None:
    paths = []
    for page, text in pages.items():
        shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)|<img src=\"([^\"]+)\" [^>]*alt=\"[^\"]+\">", text)
        assert len(shown) == text.count("![") + text.count("<img "), "each has words for those who cannot see it"
        paths += [(page.parent / (one or other)).resolve() for one, other in shown]
    paths.sort()
    build = runpy.run_path(str(PICTURES / "build.py"), run_name="pictures")
    made = [PICTURES / f"{name}.png" for name in build["PICTURES"]]
    assert paths == sorted(made) == sorted(PICTURES.glob("*.png"))
    assert sum(path.stat().st_size for path in made) < MOST_BYTES
    build["ribbon"](ROOT / "workbook" / "ribbon.xml")  # every button has an icon here


def anchors(text: str) -> set[str]:
    """What the headings of a page can be linked by."""
    headings = [match[1] for match in re.finditer(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE)]
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_links_lead_somewhere(pages: Mapping[Path, str]) -> None:
    everything = {**pages, CONTRIBUTING: CONTRIBUTING.read_text("utf-8")}
    for page, text in everything.items():
        for link in re.findall(r"\]\(([^)]+)\)", FENCED.sub("", text)):
            file, _, anchor = link.partition("#")
            target = (page.parent / file).resolve() if file else page
            assert target.exists(), f"{page.name}: {link}"
            assert not anchor or anchor in anchors(target.read_text("utf-8")), f"{page.name}: {link}"


def test_every_page_is_found_from_the_readme() -> None:
    text = README.read_text("utf-8")
    assert [page.name for page in PAGES[1:] if f"(xl_jifen/docs/{page.name})" not in text] == []


def test_the_files_it_names_are_there(book: str) -> None:
    text = book + CONTRIBUTING.read_text("utf-8")
    named = {
        code for code in INLINE.findall(text) if re.fullmatch(r"[A-Za-z_.][\w.]*/[\w./]*", code) and code.isascii()
    }
    assert len(named) > 10
    missing = [
        name
        for name in named
        if not name.startswith(".venv")
        and not any((room / name).exists() for room in (ROOT, ROOT / "xl_jifen", ROOT / "tests"))
    ]
    assert missing == []


def test_the_extras_it_names_exist(book: str) -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = {extra for extras in re.findall(r'"\.\[([^\]]+)\]"', book) for extra in extras.split(",")}
    assert named
    assert named <= set(project["optional-dependencies"])
    assert f"## {project['version']}\n" in book, "更新记录 has a section for the version"
