"""The publicity period (公示期): from which day to which, counted in working days or calendar days.

Working days follow the State Council's holidays and make-up days as `chinesecalendar` knows them; a year it does not
know yet follows the sheet 节假日, and one that is not there either is counted Monday to Friday without the holidays of
a fixed date, and the notice says so. Pure: the day of publication is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from xl_jifen import layout

FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Month and day of the holidays that fall on the same date every year (《全国年节及纪念日放假办法》第二条)."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A publicity period, first and last day included.

    ``day`` is the day of publication, ``days`` and ``kind`` (工作日 or 自然日) its length, ``caveat`` a sentence for
    the user when holidays of a year are not known ("" otherwise).
    """

    day: date
    first: date
    last: date
    days: int
    kind: str
    caveat: str = ""

    @property
    def words(self) -> str:
        """``2026年10月9日至10月14日（5个工作日）``."""
        return f"{span_words(self.first, self.last)}（{self.days}个{self.kind}）"


def notice(day: date, days: int, kind: str, holidays: Iterable[tuple[date, str]] = ()) -> Notice:
    """The period of ``days`` (1 or more) of that ``kind`` for a page published on ``day``.

    The day of publication counts as the first day. In 工作日, a page put up on a day off begins on the next working
    day; in 自然日 every day counts, whatever it is. ``holidays`` are the days that the workbook calls 放假 or 上班.
    """
    if kind == layout.CALENDAR_DAYS:
        return Notice(day, day, day + timedelta(days=days - 1), days, kind)
    unknown: set[int] = set()
    arranged = dict(holidays)
    first = last = _working(day, arranged, unknown)
    for _ in range(days - 1):
        last = _working(last + timedelta(days=1), arranged, unknown)
    caveat = ""
    if unknown:
        years = "、".join(f"{year}年" for year in sorted(unknown))
        caveat = (
            f"节假日库中还没有{years}的放假和调休安排，公示期暂按周一至周五推算（只除去元旦、五一、国庆的法定假日），"
            "请对照放假通知核对起止日期；可以把放假和上班的日子写在工作表“节假日”里再公示一次。"
        )
    return Notice(day, first, last, days, kind, caveat)


def _working(day: date, arranged: Mapping[date, str], unknown: set[int]) -> date:
    """The first working day from ``day`` on; years without known holidays are added to ``unknown``."""
    from chinese_calendar import is_workday  # 12 ms, and only a notice needs it

    while True:
        try:
            working = is_workday(day)
        except NotImplementedError:
            if not any(each.year == day.year for each in arranged):
                unknown.add(day.year)
            usual = day.weekday() < 5 and (day.month, day.day) not in FIXED_HOLIDAYS
            working = arranged[day] != layout.DAY_OFF if day in arranged else usual
        if working:
            return day
        day += timedelta(days=1)


def day_words(day: date) -> str:
    """``2026年10月9日``."""
    return f"{day.year}年{day.month}月{day.day}日"


def span_words(first: date, last: date) -> str:
    """``2026年7月1日至9月30日``; a single day stands alone, a second year is named."""
    if first == last:
        return day_words(first)
    return f"{day_words(first)}至{day_words(last) if last.year != first.year else f'{last.month}月{last.day}日'}"
