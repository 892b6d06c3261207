"""Verifying (核验): a workbook, a sheet in the hand, a code, an archive, each against what was archived."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from archives import Q1, Q2, Q3, from_text
from closed_year import NAME, TAMPERED, code_of, file_of, publish, verified, write

from xl_jifen.archive.code import digest, printed, whole
from xl_jifen.archive.snapshot import Archive, to_text
from xl_jifen.finding import CannotRead, CannotWrite
from xl_jifen.verbs.done import Done
from xl_jifen.verbs.verify import verify


@pytest.mark.slow
def test_a_workbook_agrees_with_its_archives(home: Path) -> None:
    outcome = verified(home, home / NAME)
    assert not outcome.faulty
    assert any("归档链条完整：2026年第一季度（" in sentence for sentence in outcome.sentences)
    assert any(sentence.endswith("与归档一致。") for sentence in outcome.sentences)


@pytest.mark.slow
def test_a_tampered_workbook_does_not(home: Path) -> None:
    write(home, TAMPERED)
    outcome = verified(home, home / NAME)
    assert outcome.faulty
    assert any("1月!E4" in sentence for sentence in outcome.sentences)
    assert verified(home, code_of(home, Q1)).faulty, "the code is right, the workbook beside it is not"


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".xlsx", ".pdf", ".html", ".txt"])
def test_a_published_file_is_known_by_its_bytes(home: Path, suffix: str, tmp_path: Path) -> None:
    if not file_of(home, suffix).exists():
        pytest.skip("no PDF without typst and Chinese fonts")
    elsewhere = tmp_path / f"收到的{suffix}"
    elsewhere.write_bytes(file_of(home, suffix).read_bytes())
    for path in (file_of(home, suffix), elsewhere):
        outcome = verified(home, path)
        assert not outcome.faulty
        assert "完全相同" in outcome.sentences[1]
        assert "2026年第一季度" in outcome.sentences[1]


def test_another_pdf_is_not_taken_for_it(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "别的.pdf"
    path.write_bytes(b"%PDF-1.7 something else")
    outcome = verified(home, path)
    assert outcome.faulty
    assert "请以归档文件夹中的原件为准" in outcome.sentences[1]


@pytest.mark.slow
def test_both_codes_are_known_in_any_spelling(home: Path) -> None:
    message = file_of(home, ".txt").read_text("utf-8-sig")
    shown, code = next(printed(message)), code_of(home, Q1)
    for text in (shown, whole(message), code, code.replace("-", ""), code.lower(), code.replace("-", " - ")):
        outcome = verified(home, text)
        assert not outcome.faulty, outcome
        assert "2026年第一季度" in outcome.sentences[1]
    assert shown != code
    assert verified(home, "0000-0000-0000").faulty


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".html", ".xlsx"])
def test_a_page_saved_again_is_judged_by_its_rows(home: Path, suffix: str) -> None:
    path = file_of(home, suffix)
    rewrite(path, lambda text: text)
    outcome = verified(home, path)
    assert not outcome.faulty
    assert "所显示的内容与归档的原件一致" in outcome.sentences[1]
    archived = from_text((home / "归档" / "2026Q1.json").read_text("utf-8"))
    assert archived
    score = archived.content["scores"][0]
    rewrite(path, lambda text: text.replace(score["score"], "199") if text == score["score"] else text)
    outcome = verified(home, path)
    assert outcome.faulty
    assert any(score["name"] in words and "199" in words for words in outcome.sentences)


@pytest.mark.slow
def test_a_text_without_points_is_judged_by_its_code(home: Path) -> None:
    receipt = home / "公示" / "2026年第一季度" / "归档回执.txt"
    outcome = verified(home, receipt)
    assert not outcome.faulty
    assert code_of(home, Q1) in outcome.sentences[2]


@pytest.mark.slow
def test_an_archive_itself_can_be_asked_about(home: Path, tmp_path: Path) -> None:
    path = home / "归档" / "2026Q1.json"
    assert not verified(home, path).faulty
    forged = tmp_path / "2026Q1.json"
    forged.write_text(path.read_text("utf-8").replace("张三", "张四"), "utf-8")
    outcome = verified(home, forged)
    assert outcome.faulty
    assert outcome.sentences[1] == "“2026Q1.json”不是归档时的那一份。"


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        for row in book.active.iter_rows():
            for cell in row:
                if isinstance(cell.value, (int, float)):
                    cell.value = float(change(f"{cell.value:g}"))
        book.save(path)
    else:
        text = path.read_text("utf-8")
        pieces = [change(piece.strip()) if piece.strip() else piece for piece in text.replace(">", ">\0").split("\0")]
        joined = "".join(p if "<" not in p else change(p[: p.index("<")]) + p[p.index("<") :] for p in pieces)
        path.write_text(joined + "\n", "utf-8")


@pytest.mark.slow
def test_a_period_published_again_after_archiving_is_the_archived_sheet_byte_for_byte(home: Path) -> None:
    folder = home / "公示" / "2026年第一季度"
    before = {file.name: file.read_bytes() for file in folder.iterdir() if file.stem.endswith("公示表")}
    for name in before:
        (folder / name).unlink()
    done = publish(home, Q1, day=date(2026, 8, 3))
    assert {file.name: file.read_bytes() for file in done.files} == before
    assert "2026年4月8日公示的原件" in done.sentences[0]
    file_of(home, ".html", "归档/2026Q1").unlink()
    with pytest.raises(CannotWrite, match="不能照原样重印"):
        publish(home, Q1)


@pytest.mark.slow
def test_a_copy_is_vouched_for_only_in_what_it_shows(home: Path) -> None:
    path = file_of(home, ".xlsx")
    original = path.read_bytes()

    def spoilt(change: Callable[[Any], None]) -> Done:
        path.write_bytes(original)
        book = openpyxl.load_workbook(path)
        change(book.active)
        book.save(path)
        return verified(home, path)

    def figure(sheet: Any) -> Any:
        return next(cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, (int, float)))

    assert not spoilt(lambda sheet: None).faulty
    formatted = spoilt(lambda sheet: setattr(figure(sheet), "number_format", '"108"'))
    assert formatted.faulty
    assert '数字格式是“"108"”' in formatted.sentences[1]
    assert spoilt(lambda sheet: setattr(sheet.row_dimensions[figure(sheet).row], "hidden", True)).faulty
    assert spoilt(lambda sheet: setattr(sheet["A1"], "value", "另一个标题")).faulty


@pytest.mark.slow
def test_the_branchs_own_archives_come_first_and_others_that_differ_are_told(home: Path, tmp_path: Path) -> None:
    sent = home / "下载"
    shutil.copytree(home, tmp_path / "别处", ignore=shutil.ignore_patterns("下载"))
    shutil.move(tmp_path / "别处", sent)
    path = sent / "归档" / "2026Q2.json"
    content = json.loads(path.read_text("utf-8"))["content"]
    content["scores"][0]["score"] = "999"
    path.write_text(to_text(Archive(content, digest(content))), "utf-8")
    outcome = verify(str(sent / "公示" / "2026年第一季度" / "2026年第一季度党员积分公示表.xlsx"), home)
    assert outcome.sentences[0].startswith(f"按“{home / '归档'}”核验")
    assert outcome.faulty
    assert any("另有一份2026年第二季度的归档，与这里的不同" in words for words in outcome.sentences)
    assert not any("另有一份2026年第一季度的归档" in words for words in outcome.sentences), "it is the same there"
    within = verify(str(sent / "公示" / "2026年第一季度" / "2026年第一季度党员积分公示表.xlsx"), sent)
    assert (
        f"“{home / '归档'}”中另有一份2026年第二季度的归档，与这里的不同，请核对这里的是不是原来的。" in within.sentences
    ), "in the sender's folder his come first, and ours, above it, are asked all the same"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_archives_beside_a_file_that_cannot_be_read_do_not_stop_ours(home: Path) -> None:
    sent = home / "下载"
    sent.mkdir()
    paper = file_of(home, ".xlsx")
    shutil.copy(paper, sent)
    (sent / "归档").symlink_to(home / "归档", target_is_directory=True)
    outcome = verify(str(sent / paper.name), home)
    assert outcome.faulty
    assert "中另有归档，没有与它对照：" in outcome.sentences[1]
    assert any("完全相同" in words for words in outcome.sentences)


@pytest.mark.slow
def test_a_draft_is_no_notice(home: Path) -> None:
    publish(home, Q3, draft=True)
    for file in (home / "公示" / "2026年第三季度（草稿）").iterdir():
        outcome = verified(home, file)
        assert outcome.faulty
        assert "是草稿" in outcome.sentences[1], file.name


@pytest.mark.slow
def test_a_draft_is_said_to_be_one_where_nothing_was_archived_yet(home: Path, tmp_path: Path) -> None:
    """Under another name too, as far as it can be read; a notice that is none asks for the archives."""
    publish(home, Q3, draft=True)
    alone = tmp_path / "别处"
    alone.mkdir()
    for file in (home / "公示" / "2026年第三季度（草稿）").iterdir():
        for name in {file.name, f"收到的{file.suffix}"} if file.suffix in (".xlsx", ".html", ".txt") else {file.name}:
            copy = Path(shutil.copy(file, alone / name))
            outcome = verified(alone, copy)
            assert (outcome.faulty, outcome.sentences) == (
                True,
                (f"“{name}”是草稿，没有公示效力，也没有校验码可以核验。",),
            )
    with pytest.raises(CannotRead, match="公示期满后先归档"):
        verified(alone, shutil.copy(file_of(home, ".xlsx"), alone))


@pytest.mark.slow
def test_changed_copies_and_broken_chains_are_told(home: Path) -> None:
    copy = file_of(home, ".txt", "归档/2026Q1")
    copy.write_text("别的", "utf-8")
    outcome = verified(home, home / NAME)
    assert outcome.faulty
    assert any("公示表.txt”被改动过" in sentence for sentence in outcome.sentences)
    next((home / "归档" / "2026Q2").glob("*.html")).unlink()
    (home / "归档" / "2026Q1.json").unlink()
    outcome = verified(home, home / NAME)
    assert any("公示表.html”不见了" in sentence for sentence in outcome.sentences)
    assert any("归档文件不见了" in sentence for sentence in outcome.sentences)


@pytest.mark.slow
def test_an_archive_rewritten_with_a_new_hash_does_not_prove_its_figures(home: Path) -> None:
    for receipt in home.glob("公示/*/归档回执.txt"):
        receipt.unlink()
    path = home / "归档" / "2026Q2.json"
    content = json.loads(path.read_text("utf-8"))["content"]
    content["scores"][0]["score"] = "999"
    path.write_text(to_text(Archive(content, digest(content))), "utf-8")
    assert any("不能由归档的登记算出" in sentence for sentence in verified(home, home / NAME).sentences)
    sheet = next(sheet for sheet in content["sheets"] if sheet["sheet"] == "4月")
    sheet["rows"][0]["cells"]["数量"] = {"number": "5"}
    path.write_text(to_text(Archive(content, digest(content))), "utf-8")
    assert verified(home, home / NAME).faulty


def test_nothing_to_verify_by_is_one_sentence(home: Path, tmp_path: Path) -> None:
    empty = tmp_path / "空"
    empty.mkdir()
    with pytest.raises(CannotRead, match="没有找到文件夹“归档”"):
        verify("0000-0000-0000", empty)
    with pytest.raises(CannotRead, match="也不是校验码"):
        verify("没有的文件.pdf", home)


def test_reading_archives_needs_no_workbook(home: Path) -> None:
    (home / NAME).unlink()
    outcome = verified(home, code_of(home, Q2))
    assert not outcome.faulty
    assert any("没有与工作簿核对" in sentence for sentence in outcome.sentences)


HUNG = "公示/2026年第三季度"


@pytest.mark.slow
def test_a_notice_that_hangs_and_is_not_archived_yet_is_said_to_be_that(home: Path, tmp_path: Path) -> None:
    """Whose legend tells the 归档码 of the quarter before: that is not the code it is known by."""
    sheet, message = (home / HUNG / f"2026年第三季度党员积分公示表{suffix}" for suffix in (".xlsx", ".txt"))
    text = message.read_text("utf-8-sig")
    for file in (sheet, message):
        outcome = verified(home, shutil.copy(file, tmp_path / file.name))
        assert outcome.faulty
        told = f"“{file.name}”就是“{HUNG}”中的那一份；2026年第三季度还没有归档，归档以后再核验。"
        assert outcome.sentences[1:] == (told,)
    for code in (next(printed(text)), whole(text)):
        told = f"校验码 {code} 是“{HUNG}”中公示表上印的；2026年第三季度还没有归档，归档以后再核验。"
        assert told in verified(home, code).sentences
    saved = openpyxl.load_workbook(sheet)
    again = tmp_path / "另存.xlsx"
    saved.save(again)
    (told,) = verified(home, again).sentences[1:]
    assert told == f"“另存.xlsx”不是归档时的那一份，上面的校验码与“{HUNG}”中的相同；2026年第三季度还没有归档。"
    shutil.rmtree(home / HUNG)
    (told,) = verified(home, again).sentences[1:]
    assert told == f"“另存.xlsx”不是归档时的那一份，上面的校验码 {next(printed(text))} 也没有对应的归档。"
    assert f"没有哪个时段的归档对得上校验码 {next(printed(text))}。" in verified(home, next(printed(text))).sentences
