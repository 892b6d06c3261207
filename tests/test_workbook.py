"""The master workbook says what its text files say, and opens, checks and computes as it should.

One module, however long: the master is read once for all of it.
"""

from __future__ import annotations

import csv
import importlib
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType

import openpyxl
import pytest
from libreoffice import FIRST_SHEET_AS_CSV, converted
from openpyxl.worksheet.worksheet import Worksheet

from xl_jifen import Reckoning, layout, reckon
from xl_jifen.derive.next_year import rows_of
from xl_jifen.grid import Grid, Grids, heading_key, squeeze
from xl_jifen.period import Period

WORKBOOK = Path(__file__).resolve().parents[1] / "workbook"
MASTER = WORKBOOK / "党员积分.xlsx"
FUNCTIONS = {"SUMIFS", "COUNTIFS", "COUNTIF", "COUNTA", "SUMPRODUCT", "RANK", "MIN", "MAX", "TEXT"} | {
    "IF",
    "IFERROR",
    "INDEX",
    "MATCH",
}
SHEET_OF = {sheet.name: sheet for sheet in layout.SHEETS}
BONUS_BLOCKS = [
    "出色完成本职工作",
    "积极参加党建活动",
    "见义勇为、助人为乐突出表现",
    "敢于开展监督和批评",
    "个人评优评先",
]
DEDUCTION_BLOCKS = ["政治立场不坚定", "综治意识不牢固", "纪律规矩不严明", "道德行为不端正", "工作履职不认真"]


@pytest.fixture(scope="module")
def build() -> Iterator[ModuleType]:
    sys.path.insert(0, str(WORKBOOK))
    try:
        yield importlib.import_module("build")
    finally:
        sys.path.remove(str(WORKBOOK))
        for name in ("build", "form"):
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    return openpyxl.load_workbook(MASTER)


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def heading_row(page: Worksheet) -> int:
    """The row of a sheet's headings: the one with the most of them."""
    known = {heading_key(column.name) for column in SHEET_OF[page.title].columns}
    cells = {row: [heading_key(str(cell.value)) for cell in page[row] if cell.value] for row in range(1, 6)}
    return max(cells, key=lambda row: len(known & set(cells[row])))


def headings(page: Worksheet) -> dict[str, str]:
    """Column letters by heading, without the star."""
    return {heading_key(str(cell.value)): cell.column_letter for cell in page[heading_row(page)] if cell.value}


def rows(page: Worksheet) -> list[dict[str, str]]:
    """The filled rows under the headings, as text."""
    columns = headings(page)
    found = []
    for number in range(heading_row(page) + 1, page.max_row + 1):
        row = {name: page[f"{letters}{number}"].value for name, letters in columns.items()}
        if any(value is not None for value in row.values()):
            found.append({name: "" if value is None else str(value) for name, value in row.items()})
    return found


def example(name: str) -> list[dict[str, str]]:
    with (WORKBOOK / "demo" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# The file and its text


@pytest.fixture(scope="module")
def rebuilt(build: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rebuilt") / "党员积分.xlsx"
    build.build(path)
    return path


@pytest.mark.slow
def test_the_same_bytes_at_every_build(build: ModuleType, rebuilt: Path, tmp_path: Path) -> None:
    build.build(tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == rebuilt.read_bytes()


@pytest.mark.slow
def test_the_committed_workbook_says_what_the_text_says(rebuilt: Path) -> None:
    new, committed = parts(rebuilt), parts(MASTER)
    assert list(new) == list(committed)
    assert [name for name in new if new[name] != committed[name]] == [], "run: python workbook/build.py"


@pytest.mark.slow
def test_it_is_sound_and_has_no_macros(tmp_path: Path) -> None:
    """Of each sheet the first rows; all of them are looked at in the workbook with macros (test_macros)."""
    from openxml_audit import OpenXmlValidator

    short = tmp_path / MASTER.name
    with zipfile.ZipFile(short, "w") as package:
        for name, part in parts(MASTER).items():
            first, further, rest = part.partition(b'<row r="13"')
            package.writestr(name, first + (further and rest[rest.rindex(b"</sheetData>") :]))
    assert short.stat().st_size < sum(map(len, parts(MASTER).values())) / 2
    assert OpenXmlValidator().validate(short).errors == []
    assert not [name for name in parts(MASTER) if "vba" in name.lower()]


def test_calamine_reads_every_sheet() -> None:
    from python_calamine import CalamineWorkbook

    source = CalamineWorkbook.from_path(str(MASTER))
    assert set(SHEET_OF) < set(source.sheet_names)
    texts = {str(cell) for line in source.get_sheet_by_name("积分规则").to_python() for cell in line}
    assert "主动讲党课" in texts


# Sheets, headings, looks


@pytest.mark.slow
def test_sheets_stand_in_the_order_of_their_use(book: openpyxl.Workbook) -> None:
    months = [sheet.name for sheet in layout.MONTHS]
    often = ["设置", "党员名册", "人员变动", "积分规则", *months, "活动考勤", "表决记录"]
    seldom = ["等次标准", "考勤计分", "计分组", "异议处理"]
    visible = [page.title for page in book if page.sheet_state == "visible"]
    assert visible == [layout.GUIDE, *layout.OWNED_SHEETS, *often, *seldom]
    hidden = [page.title for page in book if page.sheet_state == "hidden"]
    assert set(hidden) == {sheet.name for sheet in layout.SHEETS if sheet.seldom} | {"选项"}
    found = grids(book, {})
    assert [rows for sheet in layout.SHEETS if sheet.seldom and (rows := rows_of(found, sheet))] == []


@pytest.mark.slow
def test_the_guide_leads_to_every_visible_sheet_and_tells_how_to_show_the_others(book: openpyxl.Workbook) -> None:
    page = book[layout.GUIDE]
    links = {c.coordinate: c.hyperlink.location for line in page.iter_rows() for c in line if c.hyperlink}
    visible = [sheet.title for sheet in book if sheet.sheet_state == "visible" and sheet.title != layout.GUIDE]
    assert sorted(links.values()) == sorted(f"'{name}'!A1" for name in visible)
    assert all(links[ref] == f"'{page[ref].value}'!A1" for ref in links)
    text = "".join(str(cell.value) for line in page.iter_rows() for cell in line if cell.value)
    assert "取消隐藏" in text
    assert "桌面图标" in text
    assert all(sheet.name in text for sheet in layout.SHEETS if sheet.seldom)


ROW_HEADER_AND_BAR, PIXELS_A_WIDTH = 50, 7
"""Pixels: what Excel draws beside the cells, and a digit of the master's font."""


@pytest.mark.parametrize("name", ["3月", "活动考勤", "表决记录"])
def test_a_row_and_what_the_tool_says_of_it_fit_a_screen(book: openpyxl.Workbook, name: str) -> None:
    shown = [d for d in book[name].column_dimensions.values() if not d.hidden]
    columns = {n: d.width for d in shown for n in range(d.min, d.max + 1) if n <= len(SHEET_OF[name].columns)}
    assert sum(PIXELS_A_WIDTH * width for width in columns.values()) + ROW_HEADER_AND_BAR <= 1366


def test_forms_to_fill_by_hand_have_twenty_ruled_lines(book: openpyxl.Workbook) -> None:
    for name in ("党员名册", "人员变动", "3月", "活动考勤", "表决记录", "异议处理"):
        page = book[name]
        first = heading_row(page) + 1
        ruled = [row for row in range(first, first + 60) if page.cell(row, 1).border.bottom.style]
        assert ruled == list(range(first, first + 20)), name
    serial = headings(book["3月"])[layout.SERIAL]
    assert [book["3月"][f"{serial}{row}"].value for row in range(4, 25)] == [*range(1, 21), None]


def test_a_rule_stands_beside_what_the_tool_makes_of_it(book: openpyxl.Workbook) -> None:
    told = {row["规则编号"]: row[layout.HOW_COUNTED] for row in rows(book["积分规则"])}
    assert all(told.values())
    assert "4学时" in told["加2-5"]


@pytest.mark.parametrize("sheet", layout.SHEETS, ids=lambda sheet: sheet.name)
def test_every_heading_is_there_and_required_ones_are_marked(book: openpyxl.Workbook, sheet: layout.Sheet) -> None:
    page = book[sheet.name]
    written = {heading_key(str(cell.value)): cell for cell in page[heading_row(page)] if cell.value}
    assert set(written) == {column.name for column in sheet.columns}
    for column in sheet.columns:
        assert str(written[column.name].value).endswith("*") == column.required
    colours = {
        kind: {written[c.name].fill.start_color.rgb for c in sheet.columns if (c.owned, c.required) == kind}
        for kind in ((False, True), (False, False), (True, False))
    }
    assert all(len(found) <= 1 for found in colours.values())
    assert len(set().union(*colours.values())) == sum(1 for found in colours.values() if found)


@pytest.mark.parametrize("sheet", layout.SHEETS, ids=lambda sheet: sheet.name)
def test_seldom_columns_are_collapsed_and_the_others_open(book: openpyxl.Workbook, sheet: layout.Sheet) -> None:
    page = book[sheet.name]
    letters = headings(page)
    folded = {}
    for dimension in page.column_dimensions.values():
        for number in range(dimension.min, dimension.max + 1):
            folded[openpyxl.utils.get_column_letter(number)] = (dimension.outlineLevel, dimension.hidden)
    for column in sheet.columns:
        assert folded[letters[column.name]] == ((1, True) if column.seldom else (0, False)), column.name


@pytest.mark.parametrize("sheet", layout.SHEETS, ids=lambda sheet: sheet.name)
def test_print_setup_and_frozen_headings(book: openpyxl.Workbook, sheet: layout.Sheet) -> None:
    page = book[sheet.name]
    row = heading_row(page)
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
    assert page.sheet_properties.pageSetUpPr is not None
    assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
    assert page.print_title_rows == f"${row}:${row}"
    assert "&P" in page.oddFooter.right.text
    assert re.fullmatch(rf"[A-Z]+{row + 1}", str(page.freeze_panes))


def test_codes_shares_and_reversals_stay_text(book: openpyxl.Workbook) -> None:
    for sheet, heading in (("党员名册", "编号"), ("积分规则", "规则编号"), ("3月", "规则"), ("3月", "冲销")):
        page = book[sheet]
        letters = headings(page)[heading]
        assert {page[f"{letters}{number}"].number_format for number in range(4, 64)} == {"@"}
        assert book[sheet].column_dimensions[letters].number_format == "@"
    share = next(row for row in book["设置"].iter_rows() if row[0].value == "优秀比例上限")[1]
    assert (share.value, share.number_format) == ("1/3", "@")


def test_only_what_the_tool_owns_is_protected(book: openpyxl.Workbook) -> None:
    assert [page.title for page in book if page.protection.sheet] == ["选项"]
    assert book["选项"].sheet_state == "hidden"
    assert book["选项"].protection.password is None


def test_the_guide_is_one_page(book: openpyxl.Workbook) -> None:
    page = book["使用说明"]
    assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight or 1) == (1, 1)
    text = "".join(str(cell.value) for line in page.iter_rows() for cell in line if cell.value)
    assert all(step in text for step in ("一、", "二、", "三、", "四、", "五、", "颜色", "问谁", "不含宏"))


def test_the_guide_shows_the_rows_of_organised_life_to_copy(book: openpyxl.Workbook) -> None:
    text = next(
        str(cell.value) for row in book[layout.GUIDE].iter_rows() for cell in row if "照着写" in str(cell.value)
    )
    for row in example(layout.REQUIREMENTS.name):
        asked = (
            f"{row[layout.HOW_OFTEN]}次" if row[layout.HOW_OFTEN] else f"{row[layout.HOURS]}学时 {row[layout.WHOSE]}"
        )
        assert f"{row[layout.ACTIVITY_KIND]} {row[layout.GROUP_PERIOD]} {asked}".strip() in text


# What one may fill in


@pytest.mark.parametrize("sheet", layout.SHEETS, ids=lambda sheet: sheet.name)
def test_choices_are_offered_as_the_layout_has_them(book: openpyxl.Workbook, sheet: layout.Sheet) -> None:
    page = book[sheet.name]
    checks = {str(check.sqref).split(":")[0]: check for check in page.data_validations.dataValidation}
    first = heading_row(page) + 1
    for column in sheet.columns:
        check = checks.get(f"{headings(page)[column.name]}{first}")
        if column.choices:
            assert check is not None
            assert check.formula1.strip('"').split(",") == list(column.choices)
            assert check.errorStyle in (None, "stop")
        elif column.kind == "date":
            assert check is not None
            assert (check.type, check.errorStyle) == ("date", "warning")
        elif column.kind == "number":
            assert check is not None


def test_entry_dates_are_held_against_the_cycle(book: openpyxl.Workbook) -> None:
    check = next(c for c in book["3月"].data_validations.dataValidation if str(c.sqref).startswith("B4:"))
    assert (check.formula1, check.formula2) == ("计分周期首日", "计分周期末日")
    for name, key in (("计分周期首日", layout.CYCLE_START), ("计分周期末日", layout.CYCLE_END)):
        row = re.fullmatch(r"'?设置'?!\$B\$(\d+)", book.defined_names[name].attr_text)
        assert row is not None
        assert heading_key(str(book["设置"][f"A{row[1]}"].value)) == key


def test_names_and_rules_are_offered_with_a_warning_only(book: openpyxl.Workbook) -> None:
    page = book["3月"]
    for heading, name in (("姓名", "姓名选择"), ("规则", "规则选择"), ("核实人", "核实人选择")):
        cell = f"{headings(page)[heading]}4:"
        check = next(c for c in page.data_validations.dataValidation if str(c.sqref).startswith(cell))
        assert (check.type, check.formula1, check.errorStyle) == ("list", name, "warning")
        assert name in book.defined_names


def test_rows_turn_red_and_amber_by_what_the_tool_says(book: openpyxl.Workbook) -> None:
    for sheet in (layout.MONTHS[2], layout.ACTIVITIES, layout.BALLOTS):
        page = book[sheet.name]
        hint = headings(page)[layout.HINT]
        found = [rule for rules in page.conditional_formatting for rule in rules.rules]
        fills = {rule.formula[0]: rule.dxf.fill for rule in found if rule.dxf and rule.dxf.fill}
        red, amber = (fills[f'COUNTIF(${hint}4,"{word}*")>0'].bgColor.rgb for word in ("错误", "警告"))
        assert red != amber


def test_formulas_keep_to_what_old_spreadsheets_know() -> None:
    used: set[str] = set()
    for name, part in parts(MASTER).items():
        if name.startswith("xl/worksheets/") or name == "xl/workbook.xml":
            text = part.decode()
            for formula in re.findall(r"<(?:f|formula|formula1|formula2|definedName)(?: [^>]*)?>([^<]*)</", text):
                used |= set(re.findall(r"([A-Z][A-Z0-9.]*)\(", re.sub(r"&quot;.*?&quot;", "", formula)))
    assert used
    assert used <= FUNCTIONS


@pytest.mark.office
def test_dropdowns_follow_the_roster_and_the_rules_in_libreoffice(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(MASTER)
    roster, rules = book["党员名册"], book["积分规则"]
    people = [("001", "周启航", "支部书记"), ("007", "张伟", None), (None, None, None), ("023", "张伟", None)]
    for number, values in enumerate(people, heading_row(roster) + 1):
        for heading, value in zip(("编号", "姓名", "党内职务"), values, strict=True):
            roster[f"{headings(roster)[heading]}{number}"] = value
    last = len(rows(rules)) + heading_row(rules)
    for heading, value in {"规则编号": "减9-9", "类型": "减分", "大项": "新", "小项": "新增的一项"}.items():
        rules[f"{headings(rules)[heading]}{last + 1}"] = value
    lists = ("姓名选择", "核实人选择", "规则选择", "规则编号选择", "否决选择", "活动类型选择", "计分组选择")
    page = book.create_sheet("试", 0)
    book.active = 0
    for number, name in enumerate(lists, 1):
        page[f"A{number}"] = f"=COUNTA({name})"
        for place in range(1, 41):
            page.cell(number, place + 1).value = f'=IFERROR(INDEX({name},{place}),"")'
    book.save(tmp_path / "试.xlsx")
    (told,) = converted([tmp_path / "试.xlsx"], FIRST_SHEET_AS_CSV)
    with told.open(encoding="utf-8", newline="") as file:
        offered = {
            name: [cell for cell in line[1:] if cell] for name, line in zip(lists, csv.reader(file), strict=True)
        }
    assert offered["姓名选择"] == ["周启航", "张伟(007)", "张伟(023)"]
    assert offered["核实人选择"] == ["周启航"]
    assert len(offered["规则选择"]) == 15 + 16 + 1
    assert "加2-1 主动讲党课" in offered["规则选择"]
    assert offered["规则选择"][-1] == "减9-9 新增的一项"
    assert offered["规则编号选择"][-1] == "减9-9"
    assert offered["否决选择"] == ["否1", "否2"]
    assert offered["活动类型选择"] == [
        *("主题党日", "支部党员大会", "支部委员会会议", "党小组会", "党课", "组织生活会", "理论学习"),
    ]
    assert offered["计分组选择"] == [row["组名"] for row in rows(book["计分组"])]


# The example scheme


def test_the_scheme_has_the_structure_of_the_report(book: openpyxl.Workbook) -> None:
    table = rows(book["积分规则"])
    assert Counter(row["类型"] for row in table) == {"基础分": 4, "加分": 15, "减分": 16, "一票否决": 2}
    base = [(row["小项"], row["分值"]) for row in table if row["类型"] == "基础分"]
    assert base == [(name, "25") for name in ("讲政治有信念", "讲规矩有纪律", "讲道德有品行", "讲奉献有作为")]
    assert list(dict.fromkeys(row["大项"] for row in table if row["类型"] == "加分")) == BONUS_BLOCKS
    assert list(dict.fromkeys(row["大项"] for row in table if row["类型"] == "减分")) == DEDUCTION_BLOCKS
    assert [row["小项"] for row in table if row["类型"] == "一票否决"] == ["违法", "违纪"]
    for row in table:
        kind, number = re.fullmatch(r"(基|加|减|否)([\d-]+)", row["规则编号"]).groups()  # type: ignore[union-attr]
        blocks = {"加": BONUS_BLOCKS, "减": DEDUCTION_BLOCKS}.get(kind)
        if blocks:
            assert row["大项"] == blocks[int(number.split("-")[0]) - 1]


def test_rules_are_marked_as_an_example_once(book: openpyxl.Workbook) -> None:
    told = [cell.coordinate for row in book["积分规则"] for cell in row if "示例" in str(cell.value)]
    assert told == ["A2"], "the line above the headings, which nobody must mend in 37 cells"


def test_every_setting_stands_in_the_master_with_words_about_it(book: openpyxl.Workbook) -> None:
    table = {heading_key(row["项目"]): row for row in rows(book["设置"])}
    assert list(table) == [setting.key for setting in layout.SETTING_ROWS]
    assert all(row["说明"] for row in table.values())


def grids(book: openpyxl.Workbook, texts: dict[str, list[dict[str, str]]]) -> Grids:
    """The master's sheets as plain cells, those in ``texts`` replaced by headings and rows."""
    pages = []
    for page in book:
        if table := texts.get(page.title):
            cells = [list(table[0]), *(list(row.values()) for row in table)]
            pages.append(Grid(page.title, [[cell or None for cell in line] for line in cells]))
        else:
            pages.append(Grid(page.title, [list(line) for line in page.iter_rows(values_only=True)]))
    return Grids(tuple(pages))


@pytest.mark.slow
def test_a_fresh_master_lacks_nothing_but_the_name_of_the_branch(book: openpyxl.Workbook) -> None:
    findings = reckon(grids(book, {})).findings
    assert [(finding.code, "支部名称" in finding.message) for finding in findings] == [("E803", True)]


# The example branch


@pytest.fixture(scope="module")
def branch(book: openpyxl.Workbook) -> Reckoning:
    return reckon(grids(book, {file.stem: example(file.stem) for file in (WORKBOOK / "demo").glob("*.csv")}))


@pytest.mark.parametrize("file", sorted((WORKBOOK / "demo").glob("*.csv")), ids=lambda file: file.stem)
def test_the_example_knows_only_headings_of_the_layout(file: Path) -> None:
    known = {column.name: column for column in SHEET_OF[file.stem].columns}
    for row in example(file.stem):
        assert set(row) <= set(known)
        assert not [name for name in row if known[name].owned]


def test_the_example_branch_is_believable() -> None:
    people = example("党员名册")
    names = [row["姓名"] for row in people]
    assert len(people) == 38
    assert names.count("张伟") == 2
    assert set("䶮㛃喆堃犇玥") <= set("".join(names))
    assert sum("·" in name for name in names) >= 2
    assert {row["党员类别"] for row in people} == {layout.FORMAL, layout.PROBATIONARY}
    assert sum(row["是否计分"] == layout.NO for row in people) == 1
    assert sum(row["转入日期"].startswith("2026") for row in people) == 2
    assert sum(row["转出日期"].startswith("2026") for row in people) == 2
    assert {"在职" if not row["计分类别"] else row["计分类别"] for row in people} == {"在职", "离退休"}
    assert all(20 <= len(example(sheet.name)) <= 35 for sheet in layout.MONTHS)


@pytest.mark.parametrize("month", range(1, 10))
def test_until_september_entries_lie_in_their_month_and_name_known_people_and_rules(month: int) -> None:
    people = {row["姓名"] for row in example("党员名册")} - {"张伟"} | {"张伟(007)", "张伟(023)"}
    with (WORKBOOK / "scheme" / "rules.csv").open(encoding="utf-8", newline="") as file:
        rules = {f"{row['规则编号']} {row['小项']}" for row in csv.DictReader(file)}
    late = []
    for number, row in enumerate(example(f"{month}月"), 1):
        assert row["序号"] == str(number)
        assert row["姓名"] in people
        assert row["规则"] in rules
        if date.fromisoformat(row["日期"]).month != month:
            late.append(row["日期"])
    assert late == (["2026-03-10"] if month == 4 else [])


@pytest.mark.slow
def test_all_mistakes_of_the_example_lie_in_the_last_quarter(branch: Reckoning) -> None:
    wrong = [finding for finding in branch.findings if finding.level == "错误"]
    first_late = next(n for n, row in enumerate(example("活动考勤"), 2) if row["日期"] >= "2026-10")
    for finding in wrong:
        late_activity = finding.place.sheet == "活动考勤" and finding.place.row >= first_late
        assert late_activity or finding.place.sheet in ("10月", "11月", "12月"), finding
    codes = {finding.code for finding in wrong}
    assert codes >= {"E201", "E202", "E203", "E301", "E402", "E403", "E404", "E501", "E502", "E601"}
    assert len(wrong) <= 12


def test_the_example_shows_caps_highest_only_reversal_and_a_vote(branch: Reckoning) -> None:
    codes = {finding.code for finding in branch.findings}
    assert codes >= {"I001", "I002", "I003", "I004", "I005", "W402"}
    assert not {code for code in codes if code.startswith("W7")}
    assert [(squeeze(vote.ballot.member.name), vote.passed) for vote in branch.ledger.votes if vote.ballot.member] == [
        ("曹金龙", True)
    ]
    last = {score.member.name: score for score in branch.ledger.of(Period.of_quarter(2026, 4))}
    assert last["曹金龙"].vetoed
    assert any("超出比例" in score.remark for score in last.values())
    assert any(line.entry.reversal and line.counted < 0 for line in branch.ledger.lines)


@pytest.mark.slow
def test_what_is_found_by_its_name_keeps_its_name(book: openpyxl.Workbook) -> None:
    for sheet in layout.SHEETS:
        page = book[sheet.name]
        checks = {str(check.sqref): check for check in page.data_validations.dataValidation}
        named = {letters + str(heading_row(page)): name for name, letters in headings(page).items()}
        if sheet is layout.SETTINGS:
            named |= {f"A{row}": setting.key for row, setting in enumerate(layout.SETTING_ROWS, heading_row(page) + 1)}
        for cell, name in named.items():
            assert (checks[cell].type, checks[cell].errorStyle or "stop") == ("custom", "stop")
            assert checks[cell].formula1 == f'({cell}="{name}")+({cell}="{name} *")>0'
            assert page[cell].value in {name, f"{name} *"}
