"""Whether organised life (组织生活要求, 三会一课 above all) was held as often as it must be, in one sentence. Pure."""

from __future__ import annotations

from datetime import date

from xl_jifen.period import Cycle
from xl_jifen.register import Register
from xl_jifen.requirements import lacking


def held_words(register: Register, cycle: Cycle, day: date) -> str:
    """``开展情况：党课每季不少于1次，都达到。``: each 次数 that is asked for, in the periods over on that day.

    Empty where nothing is asked for or no such period is over.
    """
    told = []
    for required in register.requirements:
        if required.times is None or required.faults:
            continue
        ended = [p for p in cycle.periods(required.kind) if cycle.span(p)[1] <= day]
        if not ended:
            continue
        missed = "、".join(f"{cycle.short(p)}{count}次" for p, count in lacking(register, required, ended))
        what = f"{required.activity or '组织生活'}每{required.kind}不少于{required.times}次"
        told.append(f"{what}，{f'没有达到的：{missed}' if missed else '都达到'}")
    return f"开展情况：{'；'.join(told)}。" if told else ""
