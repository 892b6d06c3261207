"""民主测评票: who stands on the ballot, how many 优秀 it may give, and that it is one page."""

from __future__ import annotations

from datetime import datetime

import pypdfium2
import pytest
from yearend_books import AFTER, all_text, column, demo, small

from xl_jifen.disk import assets
from xl_jifen.publish.ballot_paper import COLUMNS, ballot_paper
from xl_jifen.render import fonts, forms


def test_every_full_member_of_the_reference_day_stands_on_it() -> None:
    names = column(ballot_paper(demo().reckoning.ledger, AFTER), "姓名")
    assert "魏长贵" in names  # not scored, and graded all the same
    assert "陶冶" in names  # a full member since September
    assert {"张伟(007)", "张伟(023)"} <= set(names)
    assert not {"姜一帆", "蒋志刚", "吕芳洲"} & set(names)  # on probation, or gone
    assert len(names) == 34


def test_nothing_is_filled_in_and_the_limit_is_told() -> None:
    page = ballot_paper(demo().reckoning.ledger, AFTER)
    assert all(row[2:] == ("",) * 5 for row in page.rows)
    assert "“优秀”不超过正式党员34人的1/3，即11人。" in page.words["说明段"]
    _, reckoning = small()
    assert "优秀”不超过" not in all_text(ballot_paper(reckoning.ledger, AFTER))


@pytest.mark.slow
def test_it_is_one_page_to_copy() -> None:
    templates = {path.name: path.read_bytes() for path in assets.folder("templates").glob("*.typ")}
    page = ballot_paper(demo().reckoning.ledger, AFTER)
    pdf = forms.pdf([page], templates=templates, fonts=fonts.find(), created=datetime(2027, 1, 8))
    (sheet,) = pypdfium2.PdfDocument(pdf)
    text = sheet.get_textpage().get_text_range()
    assert all(heading in text for heading in COLUMNS)
