"""The publicity page and its period: a small branch reckoned by hand, read as its members would read it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from xl_jifen import layout
from xl_jifen.archive.code import short
from xl_jifen.grid import Place
from xl_jifen.period import Cycle, Month, Period
from xl_jifen.publish.notice import notice, span_words
from xl_jifen.publish.page import Page
from xl_jifen.publish.publicity import COLUMNS, publicity
from xl_jifen.register import Activity, Band, Entry, Ledger, Line, Member, Register, Rule, Score, Settings, Standing

HERE = Place("测试", 1)
Q1, Q2, Q3 = (Period.of_quarter(2026, number) for number in (1, 2, 3))
NOTICE = notice(date(2026, 10, 9), 5, layout.WORKING_DAYS)

SETTINGS = Settings(
    branch="中共临江市应急管理局机关第一支部委员会",
    cycle=Cycle(date(2026, 1, 1), date(2026, 12, 31)),
    floor=0,
    ceiling=12000,
    share=Fraction(1, 3),
    contact="李梅（纪检委员）",
    phone="0431-88886666",
    address="机关大楼305室",
)
BANDS = (
    Band("优秀", 10800, None, True, HERE),
    Band("合格", 8000, None, False, HERE),
    Band("不合格", None, None, False, HERE),
)


def member(order: int, name: str, kind: str = layout.FORMAL) -> Member:
    return Member(order, f"{order:03d}", name, HERE, Standing(kind), shown=name)


def rule(order: int, code: str, kind: str, item: str, points: int, consequence: str = layout.TO_ZERO) -> Rule:
    return Rule(order, HERE, code, kind, item=item, unit="次", points=points, consequence=consequence)


LECTURE = rule(1, "加2-1", layout.BONUS, "主动讲党课", 200)
PARTY_DAY = rule(2, "加2-2", layout.BONUS, "主题党日", 100)
AWARD = rule(3, "加5-1", layout.BONUS, "个人评优评先", 500)
TASK = rule(4, "减4-1", layout.DEDUCTION, "不完成支部安排任务", 200)
LATE = rule(5, "减3-2", layout.DEDUCTION, "迟到早退", 100)
LAW = rule(6, "否1", layout.VETO, "违法", 0)
DISCIPLINE = rule(7, "否2", layout.VETO, "违纪", 6000, layout.CEILING)
RULES = (LECTURE, PARTY_DAY, AWARD, TASK, LATE, LAW, DISCIPLINE)

LI, WEI_A, WEI_B, AILI, WANG, ZHAO = MEMBERS = (
    member(1, "李䶮"),
    member(2, "张伟")._replace(shown="张伟(002)"),
    member(3, "张　伟")._replace(shown="张　伟(003)"),
    member(4, "阿不都热依木·艾力", layout.PROBATIONARY),
    member(5, "王<b>&"),
    member(6, "赵玥"),
)


def line(
    who: Member, what: Rule, raw: int, counted: int | None = None, why: tuple[str, ...] = (), month: int = 8,
    reason: str = "", reversal: str = "",
) -> Line:  # fmt: skip
    entry = Entry(
        HERE, Month(2026, month), date(2026, month, 5), who, what, None, None, reason, "", "", layout.PASSED, "",
        reversal, "", {},
    )  # fmt: skip
    return Line(entry, raw, raw if counted is None else counted, why)


LINES = (
    line(LI, LECTURE, 200, month=5, reason="第二季度的党课"),
    line(LI, LECTURE, 200, reason="讲授专题党课\n（七一）"),
    line(LI, PARTY_DAY, 100, month=7, reason="七月主题党日"),
    line(LI, PARTY_DAY, 100, month=8, reason="八月主题党日"),
    line(LI, PARTY_DAY, 100, 50, ("I002",), month=9, reason="九月主题党日"),
    line(LI, LATE, 100, reason="私事迟到"),
    line(WEI_A, AWARD, 500, 0, ("I003",), reason="获评先进"),
    line(WEI_A, LECTURE, 200, 0, ("E501",), reason="没有佐证"),
    line(WEI_A, TASK, 200, 0, ("I001",), reason="待审"),
    line(WEI_B, LECTURE, -200, month=9, reason="重复登记", reversal="3月!7"),
    line(WEI_B, LATE, -100, month=9, reason="记错人", reversal="6月!4"),
    line(AILI, AWARD, 3000, reason="抢险立功"),
    line(WANG, LECTURE, 200, 0, ("I004",), reason="第四次"),
    line(ZHAO, PARTY_DAY, 100, reason="七月主题党日"),
)


def score(
    who: Member, quarter: Period, points: int, rank: int | None, grade: str | None, bonus: int = 0, deduction: int = 0,
    vetoed: bool = False, remark: str = "",
) -> Score:  # fmt: skip
    return Score(who, quarter, who.first, 10000, bonus, deduction, points, points, rank, grade, vetoed, remark)


def held(day: date, kind: str, name: str, heads: dict[str, int]) -> Activity:
    return Activity(HERE, day, kind, name, None, {status: MEMBERS[:number] for status, number in heads.items()}, {})


SCORES = (
    score(LI, Q2, 10200, 1, "合格", bonus=200),
    score(WEI_A, Q2, 10000, 2, "合格"),
    score(WEI_B, Q2, 10100, 2, "合格"),
    score(ZHAO, Q2, 10000, 2, "合格"),
    score(WANG, Q2, 10000, 2, "合格"),
    score(AILI, Q3, 12000, 1, None, bonus=3000)._replace(total=13000),
    score(LI, Q3, 10550, 2, "合格", bonus=450, deduction=100, remark="超出比例，建议支委会研究"),
    score(WEI_A, Q3, 10000, 3, "合格"),
    score(WANG, Q3, 10000, 3, "合格"),
    score(WEI_B, Q3, 9950, 5, "合格", bonus=-200, deduction=-100),
    score(ZHAO, Q3, 0, None, "不合格", bonus=100, vetoed=True, remark="一票否决"),
)
ACTIVITIES = (
    held(date(2026, 6, 30), "主题党日", "六月", {layout.ABSENT: 6}),
    held(date(2026, 7, 1), "主题党日", "七月", {layout.ATTENDED: 4, layout.LATE: 1, layout.ON_LEAVE: 1}),
    held(date(2026, 9, 30), "主题党日", "九月", {layout.ATTENDED: 5, layout.ABSENT: 1}),
    held(date(2026, 8, 3), "党课", "党课", {layout.ATTENDED: 2, layout.LATE: 1, layout.ON_LEAVE: 3}),
)


def ledger(**settings: object) -> Ledger:
    register = Register(
        settings=SETTINGS._replace(**settings),  # type: ignore[arg-type]
        bands=BANDS,
        members=MEMBERS,
        rules=RULES,
        activities=ACTIVITIES,
    )
    return Ledger(register, LINES, (), SCORES)


def page(**settings: object) -> Page:
    return publicity(ledger(**settings), Q3, NOTICE, draft=False)


def rows(page: Page) -> dict[str, dict[str, object]]:
    name = page.columns.index("姓名")
    return {str(row[name]): dict(zip(page.columns, row, strict=True)) for row in page.rows}


def as_text(page: Page) -> str:
    """A page as a person could read it aloud: words, table, charts."""
    lines = [f"{key}：{value}" for key, value in page.words.items()]
    lines += ["", " | ".join(page.columns)]
    lines += [" | ".join("" if value is None else str(value) for value in row) for row in page.rows]
    for chart in page.charts:
        points = "，".join(f"{label} {value}" for label, value in chart.points)
        lines += ["", f"{chart.title}（{chart.unit}，{chart.kind}）：{points}"]
    return "\n".join(lines) + "\n"


def test_the_page_reads_as_the_golden_one() -> None:
    golden = Path(__file__).parent / "pages" / "publicity_2026Q3.txt"
    full = page(notice_content=layout.WITH_REASONS, notice_columns=COLUMNS, adopted_on=date(2026, 1, 15))
    assert as_text(full) == golden.read_text(encoding="utf-8")


def test_equal_ledgers_give_equal_pages() -> None:
    assert page() == page()


def test_columns_and_words_promised_to_templates() -> None:
    published = page(notice_columns=COLUMNS)
    assert published.columns == tuple(name for name in COLUMNS if name != "党小组")  # nobody has one
    promised = "标题 支部 时段 期间 公式 说明段 图例 公示期 异议 结语 落款 日期 草稿 人数 平均分 到会率"
    assert set(published.words) == {*promised.split(), "校验码", "完整校验码", "核验句", "附页", "附页说明", "备注段"}
    assert all(isinstance(value, str) for value in published.words.values())


@pytest.mark.parametrize(
    ("settings", "columns"),
    [
        ({}, "名次 姓名 基础分 加分 减分 积分 备注"),
        ({"notice_columns": ("姓名", "积分")}, "姓名 积分"),
        ({"notice_columns": ("姓名", "积分"), "notice_content": layout.FIGURES_ONLY}, "名次 姓名 积分"),
        ({"notice_columns": ("姓名", "积分"), "notice_content": layout.WITH_REASONS}, "姓名 积分 备注"),
    ],
)
def test_a_branch_chooses_what_stands_on_the_wall(settings: dict[str, object], columns: str) -> None:
    assert page(**settings).columns == tuple(columns.split())


@pytest.mark.parametrize("content", [layout.FIGURES_ONLY, layout.POINTS_ONLY])
def test_only_reasons_asked_for_are_told(content: str) -> None:
    told = as_text(page(notice_content=content, notice_columns=COLUMNS))
    for entry in LINES:
        assert not entry.entry.reason or entry.entry.reason not in told
        assert entry.entry.rule is None or entry.entry.rule.item not in told or entry.entry.rule.item == "主题党日"
    assert "主题党日1次" not in told
    assert "超出比例" not in told  # a note to the committee


def test_reasons_are_told_when_asked_for() -> None:
    everything = as_text(page(notice_content=layout.WITH_REASONS))
    assert "没有佐证" not in everything  # refused and pending entries are nobody's business
    assert "待审" not in everything
    assert "超出比例" not in everything


@pytest.mark.parametrize(
    ("name", "reasons", "remark"),
    [
        (
            "李䶮",
            "主动讲党课1次，加2分：讲授专题党课 （七一）；主题党日3次，加2.5分（应计3分，按封顶计）："
            "七月主题党日、八月主题党日、九月主题党日；迟到早退1次，减1分：私事迟到",
            "",
        ),
        ("张伟(002)", "个人评优评先1次，不加分（应计5分，按就高计）：获评先进", ""),
        ("张　伟(003)", "更正：主动讲党课，减2分；更正：迟到早退，加1分", ""),
        ("阿不都热依木·艾力", "应计130分，按最高分120分计；个人评优评先1次，加30分：抢险立功", ""),
        ("王<b>&", "主动讲党课1次，不加分（应计2分，按限次计）：第四次", ""),
        ("赵玥", "一票否决；主题党日1次，加1分：七月主题党日", "一票否决"),
    ],
)
def test_remarks_show_where_the_points_came_from(name: str, reasons: str, remark: str) -> None:
    assert rows(page(notice_content=layout.WITH_REASONS))[name]["备注"] == reasons
    assert rows(page())[name]["备注"] == remark


def test_merged_rules_are_told_as_a_sum() -> None:
    hidden = {LECTURE: LECTURE._replace(told=layout.SUM_TOLD), LATE: LATE._replace(told=layout.SUM_TOLD)}
    lines = tuple(
        each._replace(entry=each.entry._replace(rule=hidden.get(rule, rule)))
        for each in LINES
        if (rule := each.entry.rule)
    )
    plain = ledger(notice_content=layout.WITH_REASONS)
    merged = publicity(Ledger(plain.register, lines, (), SCORES), Q3, NOTICE, draft=False)
    remark = str(rows(merged)["李䶮"]["备注"])
    assert remark.endswith("七月主题党日、八月主题党日、九月主题党日；其他加分2分；其他减分1分")
    assert not {"主动讲党课", "专题党课", "迟到"} & {
        word for word in ("主动讲党课", "专题党课", "迟到") if word in remark
    }
    assert rows(merged)["张　伟(003)"]["备注"] == "其他加分−2分；其他减分−1分"
    assert [row[:-1] for row in merged.rows] == [row[:-1] for row in publicity(plain, Q3, NOTICE, draft=False).rows]


def test_movement_since_the_quarter_before() -> None:
    moves = {name: row["较上期"] for name, row in rows(page(notice_columns=("姓名", "较上期"))).items()}
    assert moves == {
        "阿不都热依木·艾力": "—",
        "李䶮": "+3.5",
        "张伟(002)": "0.0",
        "王<b>&": "0.0",
        "张　伟(003)": "−1.5",
        "赵玥": "−100.0",
    }


def test_vetoed_members_have_no_rank_and_ungraded_no_grade() -> None:
    table = rows(page(notice_columns=COLUMNS))
    assert (table["赵玥"]["名次"], table["赵玥"]["建议等次"]) == ("—", "不合格")
    assert (table["阿不都热依木·艾力"]["名次"], table["阿不都热依木·艾力"]["建议等次"]) == (1, "—")


def test_figures_are_exact_numbers() -> None:
    row = rows(page())["李䶮"]
    assert [row[name] for name in ("基础分", "加分", "减分", "积分")] == [
        Decimal("100"), Decimal("4.5"), Decimal("1"), Decimal("105.5"),
    ]  # fmt: skip


def test_a_draft_says_so() -> None:
    draft = publicity(ledger(), Q3, NOTICE, draft=True)
    assert draft.draft
    assert draft.words["草稿"] == "草稿"
    assert draft.words["标题"] == "2026年第三季度党员积分公示表（草稿）"


@pytest.mark.parametrize(
    ("blank", "wording"),
    [
        ({}, "向李梅（纪检委员）反映（电话：0431-88886666；地址：机关大楼305室）。反映"),
        ({"address": ""}, "向李梅（纪检委员）反映（电话：0431-88886666）。反映"),
        ({"contact": "", "phone": ""}, "向本支部反映（地址：机关大楼305室）。反映"),
        ({"contact": "", "phone": "", "address": ""}, "向本支部反映。反映问题应实事求是，提倡署真实姓名。支部"),
    ],
)
def test_objections_are_worded_well_whatever_is_blank(blank: dict[str, str], wording: str) -> None:
    assert wording in page(**blank).words["异议"]


@pytest.mark.parametrize(
    ("settings", "key", "wording"),
    [
        ({}, "公式", "党员积分 = 基础分 + 2026年1月1日以来的加分 − 减分；加分、减分栏只列7月至9月的"),
        ({"notice_columns": ("姓名", "减分", "积分")}, "公式", "以来的加分 − 减分；减分栏只列7月至9月的"),
        ({"notice_columns": ("姓名", "积分")}, "公式", "2026年1月1日以来的加分 − 减分"),
        ({"yearly": layout.MEAN}, "公式", "（按季计算）"),
        ({"notice_content": layout.FIGURES_ONLY}, "公式", ""),
        ({}, "图例", "加分、减分：7月至9月登记并审核通过的分值。"),
        ({"yearly": layout.MEAN}, "图例", "积分：基础分 + 加分 − 减分；高于120分的按120分计。"),
        ({}, "图例", "积分相同的名次并列，其后名次顺延"),
        ({"ties": layout.DENSE_TIES}, "图例", "其后名次不跳号"),
        ({"listing": layout.BY_ROSTER}, "图例", "表内按党员名册排列"),
        ({}, "图例", "一票否决：违法的，积分清零、等次列最低档；违纪的，积分不超过60分，至本计分周期结束有效"),
        ({"veto_scope": layout.THAT_QUARTER}, "图例", "只在当季有效"),
        (
            {"notice_columns": ("姓名", "建议等次")},
            "图例",
            "建议等次：优秀108分及以上、合格80分及以上、不合格80分以下；",
        ),
        ({"issuer": "机关党委"}, "落款", "机关党委"),
        ({}, "说明段", "经党员申报、支部核实、支部委员会审核，现将2026年第三季度（2026年7月1日至9月30日）6名党员的"),
        ({"adopted_on": date(2026, 1, 15)}, "说明段", "依据2026年1月15日支部党员大会通过的党员积分办法，经党员申报"),
        ({}, "结语", "特此公示。"),
    ],
)
def test_words_follow_the_settings(settings: dict[str, object], key: str, wording: str) -> None:
    assert wording in page(**settings).words[key]


def test_a_first_quarter_has_nothing_to_compare_with() -> None:
    everything = {"notice_columns": COLUMNS}
    first = publicity(ledger(**everything), Q2, NOTICE, draft=False)
    start = ledger(cycle=Cycle(date(2026, 5, 1), date(2026, 12, 31)), **everything)
    short = publicity(start, Q2, NOTICE, draft=False)
    assert "较上期" in publicity(ledger(**everything), Q3, NOTICE, draft=False).columns
    assert "较上期" not in (*first.columns, *short.columns)
    assert short.words["期间"] == "2026年5月1日至6月30日"
    assert "较上期" not in short.words["图例"]
    assert "支部平均积分" not in [chart.title for chart in short.charts]


def test_nothing_is_explained_that_does_not_stand_on_the_sheet() -> None:
    quiet = publicity(ledger(), Q2, NOTICE, draft=False)
    for word in ("一票否决", "建议等次", "封顶", "按0分计", "较上期"):
        assert word not in quiet.words["图例"]
    alone = tuple(each for each in SCORES if each.period != Q2 or each.member is LI)
    single = publicity(Ledger(ledger().register, LINES, (), alone), Q2, NOTICE, draft=False)
    assert single.charts == ()
    assert "并列" not in single.words["图例"]


def test_those_who_want_to_join_stand_in_a_list_of_their_own() -> None:
    register = ledger().register
    activist = Standing(layout.ACTIVIST)
    scores = tuple(s._replace(standing=activist, rank=1) if s.member is WANG else s for s in SCORES if s.period == Q3)
    scores = tuple(sorted(scores, key=lambda s: s.member is WANG))
    both = publicity(Ledger(register, (), (), scores), Q3, NOTICE, draft=False)
    assert [row[0] for row in both.rows] == [1, 2, 3, 5, "—", "入党积极分子和发展对象", 1]
    assert len(both.rows[5]) == 1
    assert "5名党员和1名入党积极分子、发展对象的积分情况" in both.words["说明段"]


def test_charts_count_everyone_once() -> None:
    charts = {chart.title: chart for chart in page().charts}
    assert sum(value for _, value in charts["积分分布"].points) == len(page().rows)
    assert charts["到会率"].points == (("主题党日", Decimal("83.3")), ("党课", Decimal("50")))
    assert charts["支部平均积分"].points == (("第二季度", Decimal("100.6")), ("第三季度", Decimal("87.5")))


def test_the_code_changes_with_what_is_published() -> None:
    assert page().words["校验码"] != page(phone="1").words["校验码"]
    sheet = page()
    assert short(sheet.words["完整校验码"]) == sheet.words["校验码"]
    assert sheet.words["校验码"] in sheet.words["核验句"]
    draft = publicity(ledger(), Q3, NOTICE, draft=True)
    assert (draft.words["校验码"], draft.words["完整校验码"]) == ("草稿没有校验码", "")


def test_what_is_said_of_the_making_ends_the_legend() -> None:
    assert publicity(ledger(), Q3, NOTICE, draft=False, said=["日期：补填。"]).words["图例"].endswith("\n日期：补填。")


def test_a_draft_without_issuer_says_what_is_missing() -> None:
    assert page(issuer="", branch="").words["落款"] == "（未填写落款单位）"
    assert page(issuer="", branch="某支部").words["落款"] == "某支部"


def test_an_empty_branch_still_makes_a_page() -> None:
    empty = publicity(Ledger(Register(), (), (), ()), Q3, NOTICE, draft=True)
    assert empty.rows == ()
    assert empty.charts == ()
    assert empty.words["期间"] == "2026年7月1日至9月30日"


@pytest.mark.parametrize(
    ("day", "days", "kind", "words"),
    [
        (date(2026, 10, 9), 5, layout.WORKING_DAYS, "2026年10月9日至10月14日（5个工作日）"),  # Saturday 10th is made up
        (date(2026, 10, 2), 3, layout.WORKING_DAYS, "2026年10月8日至10月10日（3个工作日）"),  # begins after the holiday
        (date(2026, 10, 9), 1, layout.WORKING_DAYS, "2026年10月9日（1个工作日）"),
        (date(2026, 10, 3), 7, layout.CALENDAR_DAYS, "2026年10月3日至10月9日（7个自然日）"),
        (date(2025, 12, 30), 3, layout.WORKING_DAYS, "2025年12月30日至2026年1月4日（3个工作日）"),
        # Spring Festival 2026 is 15 to 23 February; Saturdays 14 and 28 are made up.
        (date(2026, 2, 13), 5, layout.WORKING_DAYS, "2026年2月13日至2月26日（5个工作日）"),
        (date(2026, 2, 28), 1, layout.WORKING_DAYS, "2026年2月28日（1个工作日）"),
        (date(2026, 9, 28), 5, layout.WORKING_DAYS, "2026年9月28日至10月9日（5个工作日）"),
        (date(2024, 2, 9), 5, layout.WORKING_DAYS, "2024年2月9日至2月21日（5个工作日）"),  # Sunday 18th is made up
        (date(2026, 12, 30), 3, layout.CALENDAR_DAYS, "2026年12月30日至2027年1月1日（3个自然日）"),
    ],
)
def test_notice_periods(day: date, days: int, kind: str, words: str) -> None:
    period = notice(day, days, kind)
    assert (period.words, period.caveat) == (words, "")


def test_years_without_known_holidays_are_counted_by_weekday_and_say_so() -> None:
    period = notice(date(2199, 6, 7), 5, layout.WORKING_DAYS)  # a Friday
    assert (period.first, period.last) == (date(2199, 6, 7), date(2199, 6, 13))
    assert "2199年" in period.caveat
    assert notice(date(2199, 6, 7), 5, layout.CALENDAR_DAYS).caveat == ""


def test_fixed_holidays_hold_in_every_year() -> None:
    assert notice(date(2199, 10, 1), 1, layout.WORKING_DAYS).first == date(2199, 10, 4)


def test_span_words() -> None:
    assert span_words(date(2026, 7, 1), date(2027, 6, 30)) == "2026年7月1日至2027年6月30日"
