"""One file of a roll-up, and why it does not count where it does not: unreadable, a copy, older, or nobody can tell."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from xl_jifen.catalogue import ERROR, WARNING, Level
from xl_jifen.derive.branch import BranchResult
from xl_jifen.derive.copies import Verdict


class Listed(NamedTuple):
    """One file of the run: its name as shown, where a link leads ("" if nowhere), its sums, and why it does not count.

    The ``verdict`` is about another file of the run, named as shown; None where there is no other, or this one counts.
    """

    file: str
    target: str
    result: BranchResult
    verdict: Verdict | None = None

    @property
    def trouble(self) -> str:
        """Why it is not counted, "" if it is."""
        if self.result.error or not self.verdict:
            return self.result.error
        return _not_counted(self.verdict)

    @property
    def level(self) -> Level:
        """How grave the trouble is."""
        return self.result.unread or (ERROR if self.result.error else WARNING)

    @property
    def label(self) -> str:
        """The branch, or the file where it does not say which it is."""
        return self.result.branch or self.file


def _not_counted(verdict: Verdict) -> str:
    other, keep = f"“{verdict.than}”", "请只留一份后再汇总。"
    same = f"与{other}是同一支部、同一周期"
    match verdict.why:
        case "copied":
            return f"与{other}内容完全相同，没有重复计入；{keep}"
        case "alike":
            return f"{same}，保存时间和各项数字都相同，没有重复计入；{keep}"
        case "archived":
            return f"{same}，没有计入：{other}与归档一致，这一份不一致或没有归档；{keep}"
        case "empty":
            return f"{same}，没有计入：这一份的名册是空的；{keep}"
        case "newer":
            times = f"{_saved(verdict.its)}，这一份{_saved(verdict.own)}"
            return f"{same}，没有计入：{other}保存得更晚（{times}）；{keep}"
        case "undecided":
            times = _saved(verdict.own) if verdict.own.saved else "保存时间不详"
            return f"{same}，{times}，看不出哪一份新，都没有计入：哪一份是准的？请只留那一份后再汇总。"
        case "namesake":
            tell = "是，请只留准的一份；不是，请在“设置”中写明各自的全称或上级党组织"
            return f"与{other}支部名称、计分周期相同，名册却从另一人开始，都没有计入：是同一个支部吗？{tell}。"


_BEIJING = timezone(timedelta(hours=8))


def _saved(result: BranchResult) -> str:
    """When it was saved, by whose word."""
    if not result.saved:
        return "的保存时间不详"
    moment = datetime.fromisoformat(result.saved).astimezone(_BEIJING)
    return f"{'按磁盘上的修改时间' if result.by_disk else '按文件自己的记录'}存于 {moment:%Y-%m-%d %H:%M:%S}"
