"""What an earlier release left behind: a branch's folder as ca627e3 wrote it, two quarters archived, a third published.

``released_ca627e3`` was made by that release itself; nothing in it is ever written anew.
"""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime
from pathlib import Path

import pytest

from xl_jifen.archive.code import digest, printed
from xl_jifen.archive.snapshot import Archive, to_text
from xl_jifen.disk.shelf import shelf
from xl_jifen.finding import CannotWrite
from xl_jifen.period import Period
from xl_jifen.verbs import quarter as verbs
from xl_jifen.verbs.close import close
from xl_jifen.verbs.printing import Style
from xl_jifen.verbs.publish import publish
from xl_jifen.verbs.verify import verify

LEFT = Path(__file__).parent / "released_ca627e3"
BOOK = "党员积分.xlsx"
Q1, Q3 = Period.of_quarter(2026, 1), Period.of_quarter(2026, 3)
NOW = datetime(2026, 10, 20, 9)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LEFT, tmp_path / "支部"))


def changed(home: Path) -> list[str]:
    findings = verbs.open_workbook(home / BOOK).reckoning.findings
    return [f"{finding.place} {finding.message}" for finding in findings if finding.code == "E901"]


def rewritten(home: Path, stem: str, figures: dict[str, str]) -> None:
    """An archive with other figures of 张三, as a release that read otherwise would have written it."""
    for receipt in home.glob("公示/*/归档回执.txt"):
        receipt.unlink()
    before = ""
    for path in sorted((home / "归档").glob("*.json")):
        content = json.loads(path.read_text("utf-8"))["content"]
        content["previous"] = before
        for score in content["scores"]:
            if path.stem == stem and score["member"] == "001":
                score.update(figures)
        before = digest(content)
        path.write_text(to_text(Archive(content, before)), "utf-8")


@pytest.mark.slow
def test_its_archives_stand_as_they_are(home: Path) -> None:
    assert changed(home) == []
    outcome = verify(str(home / BOOK), home)
    assert not outcome.faulty, outcome.sentences
    assert any(
        "归档链条完整：2026年第一季度（AE1F-3029-098E） → 2026年第二季度（A2EC-43AC-41A1）" in words
        for words in outcome.sentences
    )


@pytest.mark.slow
def test_its_codes_are_known_and_called_short(home: Path) -> None:
    message = home / "公示" / "2026年第一季度" / "2026年第一季度党员积分公示表.txt"
    code = next(printed(message.read_text("utf-8-sig")))
    outcome = verify(code, home)
    assert not outcome.faulty
    assert "旧校验码，较短，只能说明大致相同" in outcome.sentences[1]
    assert "是2026年第一季度的归档码" in verify("AE1F-3029-098E", home).sentences[1]
    assert "完全相同" in verify(str(message), home).sentences[1]


@pytest.mark.slow
def test_its_notice_is_published_anew_and_the_branch_is_not_accused(home: Path) -> None:
    with pytest.raises(CannotWrite) as refused:
        close(verbs.open_workbook(home / BOOK), Q3, NOW)
    assert "由旧版公示，请用新版重新公示" in str(refused.value)
    assert not any(word in str(refused.value) for word in ("改动", "不一致", "对不上"))
    publish(verbs.open_workbook(home / BOOK), Q3, NOW, style=Style(charts=False))
    close(verbs.open_workbook(home / BOOK), Q3, datetime(2026, 10, 27, 9))
    third, second = shelf(home).of(Q3), shelf(home).of(Period.of_quarter(2026, 2))
    assert third
    assert second
    assert third.previous == second.hash
    assert not verify(str(home / BOOK), home).faulty
    for path in LEFT.glob("归档/**/*"):
        if path.is_file():
            assert (home / path.relative_to(LEFT)).read_bytes() == path.read_bytes(), "no archive is rewritten"


@pytest.mark.slow
def test_a_release_that_words_the_page_otherwise_closes_what_was_published(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xl_jifen.publish import publicity

    publish(verbs.open_workbook(home / BOOK), Q3, NOW, style=Style(charts=False))
    monkeypatch.setattr(publicity, "legend", lambda *_: ["积分：另一种说法。"])
    assert close(verbs.open_workbook(home / BOOK), Q3, datetime(2026, 10, 27, 9)).files


@pytest.mark.slow
def test_what_the_program_reads_otherwise_is_told_and_is_no_finding(home: Path) -> None:
    rewritten(home, "2026Q1", {"bonus": "3", "score": "101"})
    opened = verbs.open_workbook(home / BOOK)
    assert changed(home) == []
    (note,) = opened.notes
    assert note.startswith("程序的读法变了：张三2026年第一季度归档的积分是 101，按今天的读法是 ")
    outcome = verify(str(home / BOOK), home)
    assert not outcome.faulty
    assert sum(words.startswith("程序的读法变了") for words in outcome.sentences) == 1


@pytest.mark.slow
def test_what_the_branch_changed_is_still_told_where_the_program_reads_otherwise(home: Path) -> None:
    from secretary import rearrange

    rewritten(home, "2026Q1", {"bonus": "3", "score": "101"})
    rearrange(home / BOOK, "1月", lambda rows: [rows[0], [*rows[1][:4], 9, *rows[1][5:]], *rows[2:]])
    assert changed(home) == ["1月!E2 “数量”在归档后被改动：2026年第一季度归档时是“1”，现在是“9”"]


def test_dates_of_the_first_schema_are_read(home: Path) -> None:
    archived = shelf(home).of(Q1)
    assert archived
    assert (archived.closed, archived.publication.day) == ("2026-04-20 09:00:00", date(2026, 4, 8))
