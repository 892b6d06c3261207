"""The register (登记簿): what one branch wrote down, as frozen records; and the ledger (台账) scoring makes of it.

Each record carries the place it came from and the ``faults`` (error codes) of its own row. Points are integer
hundredths (``Points``), so that sums are exact; quantities are fractions. Values only: no library, no clock.

One module, however long: the records name each other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache

from xl_jifen import layout
from xl_jifen.catalogue import Code, is_error
from xl_jifen.grid import Place
from xl_jifen.period import LAST, Cycle, Month, Period
from xl_jifen.typed import Final, NamedTuple, TypeAlias, TypeVar

Points: TypeAlias = int
"""Points (积分) in hundredths: ``250`` is 2.5 分."""

Codes: TypeAlias = tuple[Code, ...]
"""Finding codes, sorted, each once."""


@lru_cache(maxsize=4096)
def points_text(points: Points) -> str:
    """Points as people write them: ``250`` → ``2.5``, ``-100`` → ``-1``, no trailing zeros."""
    whole, cents = divmod(abs(points), 100)
    text = f"{whole}.{cents:02d}".rstrip("0").rstrip(".")
    return f"-{text}" if points < 0 else text


def round_points(exact: Fraction) -> Points:
    """Points in exact hundredths, rounded half away from zero. The only rounding there is (scoring §1)."""
    rounded = math.floor(abs(exact) + Fraction(1, 2))
    return rounded if exact >= 0 else -rounded


def as_points(number: Fraction) -> Points | None:
    """A number as points, or None if it has more than two decimals."""
    hundredths = number * 100
    return hundredths.numerator if hundredths.denominator == 1 else None


Row = TypeVar("Row")


def by_identity(row: type[Row]) -> type[Row]:
    """Two rows of a sheet may say the same and still are two: such records are equal only to themselves."""
    for name in ("__eq__", "__ne__", "__hash__"):
        setattr(row, name, getattr(object, name))
    return row


class Settings(NamedTuple):
    """Sheet 设置. A blank or invalid one has its default; ``cycle`` is None while its days are missing or invalid."""

    branch: str = ""
    parent: str = ""
    cycle: Cycle | None = None
    yearly: str = layout.RUNNING
    reference: str = layout.AT_END
    joiner_base: str = layout.FULL
    floor: Points | None = None
    ceiling: Points | None = None
    veto_scope: str = layout.TO_CYCLE_END
    ties: str = layout.SKIP_TIES
    listing: str = layout.BY_SCORE
    share: Fraction | None = None
    share_of: str = layout.GRADED
    grade_probationary: bool = False
    notice_period: str = layout.PER_QUARTER
    notice_days: int = 5
    notice_kind: str = layout.WORKING_DAYS
    notice_content: str = layout.POINTS_ONLY
    notice_columns: tuple[str, ...] = layout.NOTICE_DEFAULT
    contact: str = ""
    phone: str = ""
    address: str = ""
    issuer: str = ""
    adopted_on: date | None = None


class Band(NamedTuple):
    """One 等次: reached from ``floor`` points (None: the lowest), for the year from ``year_floor`` where given."""

    name: str
    floor: Points | None
    year_floor: Points | None
    limited: bool
    place: Place


class Standing(NamedTuple):
    """What of a member holds from one day to another, and may change (人员变动)."""

    kind: str
    category: str = layout.ACTIVE_CATEGORY
    group: str = ""
    duty: str = ""
    may_vote: bool = True
    scored: bool = True
    own_base: Points | None = None

    @property
    def is_member(self) -> bool:
        """Whether a 正式 or 预备党员; 入党积极分子 and 发展对象 are in a list of their own."""
        return self.kind not in (layout.ACTIVIST, layout.CANDIDATE)

    @property
    def words(self) -> str:
        """``正式党员　在职　第一党小组　书记``."""
        return "　".join(filter(None, (self.kind, self.category, self.group, self.duty)))


@by_identity
class Member(NamedTuple):
    """One row of 党员名册 with its 人员变动. ``order`` is its position in the roster.

    ``first`` holds at the start, each of ``later`` from its day on, in order. ``shown`` is the name as it is told to
    people: with the 编号 where another has the same name.
    """

    order: int
    code: str
    name: str
    place: Place
    first: Standing
    joined: date | None = None
    left: date | None = None
    carried: Points = 0
    shown: str = ""
    faults: Codes = ()
    later: tuple[tuple[date, Standing], ...] = ()

    def on(self, day: date | None) -> Standing:
        """What holds on a day (scoring §3); at the start where the day is not known."""
        standing = self.first
        if day and self.later:
            for since, then in self.later:
                if since > day:
                    break
                standing = then
        return standing

    @property
    def ever_scored(self) -> bool:
        """Whether the member is scored (是否计分) at some time."""
        return self.first.scored or any(then.scored for _, then in self.later)

    @property
    def lasting(self) -> bool:
        """Whether what holds of the member holds on every day."""
        return self.joined is None and self.left is None and not self.later

    def on_roster(self, day: date) -> bool:
        """Whether 转入日期 ≤ day < 转出日期 (scoring §3)."""
        return (self.joined is None or self.joined <= day) and (self.left is None or day < self.left)

    @property
    def label(self) -> str:
        """``张伟(007)``, as it may be typed in any sheet."""
        return f"{self.name}({self.code})"


@by_identity
class Group(NamedTuple):
    """One row of 计分组: a shared cap (封顶), or highest only (就高)."""

    name: str
    way: str
    period: str
    cap: Points | None
    place: Place
    faults: Codes = ()


@by_identity
class Rule(NamedTuple):
    """One row of 积分规则. ``order`` is its position in the table; ``faults`` include those of its groups.

    The defaults are what blank cells mean. ``steps`` (分档) are the thresholds, rising, and the points from each on.
    """

    order: int
    place: Place
    code: str = ""
    kind: str = ""
    block: str = ""
    item: str = ""
    standard: str = ""
    unit: str = ""
    points: Points = 0
    ceiling: Points | None = None
    per: Fraction = Fraction(1)
    rounding: str = layout.EXACT
    at_least: Fraction = Fraction(0)
    free: Fraction = Fraction(0)
    steps: tuple[tuple[Fraction, Points], ...] = ()
    cumulative: bool = False
    ladder: tuple[Points, ...] = ()
    cap_period: str = layout.PER_YEAR
    cap: Points | None = None
    times: int | None = None
    groups: tuple[Group, ...] = ()
    needs_evidence: bool = False
    evidence_by: str = ""
    categories: frozenset[str] = frozenset()
    consequence: str = layout.TO_ZERO
    veto_way: str = layout.BY_BALLOT
    told: str = layout.EACH_TOLD
    start: date | None = None
    end: date | None = None
    faults: Codes = ()

    def in_force(self, day: date) -> bool:
        """Whether day lies within 生效日期 … 失效日期, both included."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    @property
    def lasting(self) -> bool:
        """Whether the rule is in force on every day."""
        return self.start is None and self.end is None

    @property
    def by_place(self) -> bool:
        """Whether what an entry claims, or whether it may count at all, depends on those before it."""
        return bool(self.ladder) or self.cumulative or self.times is not None

    def covers(self, category: str) -> bool:
        """Whether the rule applies to that 计分类别."""
        return not self.categories or category in self.categories

    @property
    def merged(self) -> bool:
        """Whether others than the member see its lines only as a sum, 其他加分 or 其他减分 (公示 合并)."""
        return self.told == layout.SUM_TOLD

    @property
    def label(self) -> str:
        """``加2-1 主动讲党课``."""
        return f"{self.code} {self.item}".strip()


@by_identity
class Entry(NamedTuple):
    """One claim on points: one member's share in a row of a month sheet or of 活动考勤.

    ``month`` is the posting month, None when sheet or date lie outside the cycle or the date is unknown. ``faults``
    are the codes of this entry alone; those of its member and rule stand there. ``unread`` are the headings whose cell
    is filled but could not be understood; ``columns`` are the columns of its sheet by heading. ``shared``: the row
    names several people. ``attendance`` is 参加, 请假, 无故缺席 or 迟到早退 of a line of 活动考勤, "" of others.
    """

    place: Place
    month: Month | None
    day: date | None
    member: Member | None
    rule: Rule | None
    quantity: Fraction | None
    claimed: Points | None
    reason: str
    evidence: str
    verifier: str
    status: str
    matter: str
    reversal: str
    serial: str
    columns: Mapping[str, int]
    attendance: str = ""
    faults: Codes = ()
    unread: tuple[str, ...] = ()
    shared: bool = False


@by_identity
class Activity(NamedTuple):
    """One row of 活动考勤 as a whole: its scored members by 到会情况, each once in a column."""

    place: Place
    day: date | None
    kind: str
    name: str
    hours: Fraction | None
    people: Mapping[str, tuple[Member, ...]]
    columns: Mapping[str, int]

    @property
    def heads(self) -> Mapping[str, int]:
        """How many there are by 到会情况, for 到会率."""
        return {status: len(members) for status, members in self.people.items()}


@by_identity
class Ballot(NamedTuple):
    """One row of 表决记录. Counts that could not be read, or that a decision (认定) does not have, are None."""

    place: Place
    day: date | None
    member: Member | None
    rule: Rule | None
    reason: str
    entitled: int | None
    present: int | None
    ayes: int | None
    noes: int | None
    abstentions: int | None
    evidence: str
    recorder: str
    method: str
    columns: Mapping[str, int]
    faults: Codes = ()

    @property
    def is_decided(self) -> bool:
        """Whether the organisation decides by this rule, and no meeting votes (否决方式 = 认定)."""
        return self.rule is not None and self.rule.veto_way == layout.BY_DECISION


@by_identity
class Change(NamedTuple):
    """One row of 人员变动: what of a member is new from a day on. ``sound``: it has its effect."""

    place: Place
    member: Member | None
    item: str
    day: date | None
    value: str
    sound: bool


@by_identity
class Exchange(NamedTuple):
    """One row of 积分兑换."""

    place: Place
    day: date | None
    member: Member | None
    points: Points | None
    prize: str
    by: str
    columns: Mapping[str, int]
    faults: Codes = ()


@by_identity
class Requirement(NamedTuple):
    """One row of 组织生活要求: an activity ("" is any) that each 月, 季, 半年 or 年 asks for; the place is 次数."""

    place: Place
    activity: str
    kind: str
    times: int | None
    hours: Fraction | None
    whose: str
    faults: Codes = ()


class Opinion(NamedTuple):
    """One row of 测评记录: the ballots counted for a member, by 优秀, 合格, 基本合格, 不合格 and 弃权."""

    place: Place
    member: Member | None
    sort: str
    counts: Mapping[str, int]
    faults: Codes = ()


class Objection(NamedTuple):
    """One row of 异议处理; ``period`` is None where 涉及时段 names none of the cycle."""

    place: Place
    day: date | None
    by: str
    period: Period | None
    matter: str
    result: str
    closed: date | None


class Register(NamedTuple):
    """Everything one branch wrote down, in workbook order."""

    settings: Settings = Settings()
    bands: tuple[Band, ...] = ()
    members: tuple[Member, ...] = ()
    rules: tuple[Rule, ...] = ()
    groups: tuple[Group, ...] = ()
    entries: tuple[Entry, ...] = ()
    activities: tuple[Activity, ...] = ()
    ballots: tuple[Ballot, ...] = ()
    objections: tuple[Objection, ...] = ()
    changes: tuple[Change, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    holidays: tuple[tuple[date, str], ...] = ()


NOT_APPROVED: Final = ("I001", "I005")
"""The hints that keep an entry from counting: 待审 and 不通过."""


class Line(NamedTuple):
    """One line of the ledger: an entry, what it claimed (``raw``) and what it earned (``counted``).

    ``why`` are the E and I codes that explain ``counted``; both figures of a 冲销 are negative, and ``takes_back`` are
    the lines that a valid one takes back.
    """

    entry: Entry
    raw: Points
    counted: Points
    why: Codes
    takes_back: tuple[Line, ...] = ()

    @property
    def admitted(self) -> bool:
        """Whether it was admitted to counting: no error concerns it, and it is approved."""
        return not any(is_error(code) or code in NOT_APPROVED for code in self.why)


class Vote(NamedTuple):
    """A ballot and its outcome: ``passed`` and free of errors, so that it acts."""

    ballot: Ballot
    passed: bool


class Exchanged(NamedTuple):
    """What an exchange took, 0 where it could not be, and what was left then; None where it was not weighed."""

    exchange: Exchange
    taken: Points
    left: Points | None


class Score(NamedTuple):
    """One member's figures in one period, in listing order within the period.

    ``standing`` is what the member is on the reference day, ``total`` what 最低分, 最高分 and vetoes have not touched
    yet. ``base`` is None where the year or half-year has none of its own; ``rank`` and ``grade`` where none is given;
    ``balance`` (what may still be exchanged at the cycle's end) where nothing is exchanged.
    """

    member: Member
    period: Period
    standing: Standing
    base: Points | None
    bonus: Points
    deduction: Points
    score: Points
    total: Points
    rank: int | None
    grade: str | None
    vetoed: bool
    remark: str
    balance: Points | None = None


class Ledger(NamedTuple):
    """What scoring makes of a register: every line counted once, votes, and scores folded from those lines."""

    register: Register
    lines: tuple[Line, ...]
    votes: tuple[Vote, ...]
    scores: tuple[Score, ...]
    exchanges: tuple[Exchanged, ...] = ()

    @property
    def posted(self) -> list[Line]:
        """The lines in the order of 计分明细: by posting month, then date; those outside the cycle last."""
        return sorted(self.lines, key=lambda line: (line.entry.month or LAST, line.entry.day or date.max))

    def of(self, period: Period) -> tuple[Score, ...]:
        """The scores of a quarter or the year, in listing order; of another period once it was reckoned for."""
        return tuple(score for score in self.scores if score.period == period)

    @property
    def year(self) -> tuple[Score, ...]:
        """The scores of the year, in listing order; none without a cycle."""
        return tuple(score for score in self.scores if score.period.is_year)
