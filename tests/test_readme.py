"""The README says what is true: its commands exist, its findings are the catalogue's, CI runs its test command."""

import re
import shlex
from pathlib import Path

import pytest

from xl_jifen.catalogue import CATALOGUE
from xl_jifen.finding import LEVELS
from xl_jifen.hosts.cli import main

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
MARKS = re.compile(r"(<!-- findings:[^>]*-->\n).*?(<!-- /findings -->)", re.DOTALL)


def findings_table() -> str:
    rows = [f"| {code} | {LEVELS[code[0]]} | {e.title} | {e.meaning} | {e.remedy} |\n" for code, e in CATALOGUE.items()]
    return "| 代码 | 级别 | 标题 | 意思 | 怎么改 |\n|---|---|---|---|---|\n" + "".join(rows)


def test_findings_table_is_the_catalogue(request: pytest.FixtureRequest) -> None:
    text = README.read_text("utf-8")
    generated = MARKS.sub(lambda match: match[1] + findings_table() + match[2], text)
    if request.config.getoption("--update"):
        README.write_text(generated, "utf-8")
    else:
        assert generated == text


def test_every_command_named_is_one_we_have(capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    have = set(re.findall(r"^  ([a-z-]+) ", capsys.readouterr().out.partition("全部命令")[2], re.MULTILINE))
    named = set(re.findall(r"[`/]xl-jifen ([a-z-]+)", README.read_text("utf-8")))
    assert named == have


def test_every_option_named_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    for line in re.findall(r"^\| `xl-jifen ([^`]*)`", README.read_text("utf-8"), re.MULTILINE):
        verb, *rest = shlex.split(line.replace("[", " ").replace("]", " "))
        with pytest.raises(SystemExit) as stopped:
            main([verb, "--help"])
        assert stopped.value.code == 0
        shown = capsys.readouterr().out
        assert all(word in shown for word in rest if word.startswith("--")), (verb, rest)


def test_ci_runs_the_readmes_test_command() -> None:
    assert "grep -m1 'python -m pytest' README.md" in (ROOT / ".ci" / "run").read_text("utf-8")
    assert sum("-m pytest" in line for line in README.read_text("utf-8").splitlines()) == 1
