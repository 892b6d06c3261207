"""The chain (归档链条) of a cycle: each archive points to the one before it, so that none is lost or made anew unseen.

Pure: archives and receipts in, their order, what is still owed and what is wrong out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from xl_jifen.archive.snapshot import Archive, stem_of
from xl_jifen.period import KINDS, Cycle, Period


def chain(archives: Iterable[Archive]) -> tuple[Archive, ...]:
    """Archives in the order in which they were made, each pointing to the one before; others after those, by time."""
    waiting = sorted(archives, key=lambda archived: archived.period)
    made: list[Archive] = []
    heads = {""}
    while following := next((archived for archived in waiting if archived.previous in heads), None):
        waiting.remove(following)
        made.append(following)
        heads = {following.hash}
    return (*made, *waiting)


def due_before(cycle: Cycle, period: Period, archived: Iterable[Period], kind: str) -> tuple[Period, ...]:
    """The periods of a kind to be archived before this one: earlier ones that lie in no archived ones but the year."""
    others = [each for each in archived if not each.is_year]
    return tuple(each for each in cycle.periods(kind) if each < period and not _lies_in(cycle, each, others))


def is_over(cycle: Cycle, archived: Iterable[Period]) -> bool:
    """Whether the cycle's last month is archived, so that nothing can be put right in a later one."""
    return any(each.covers(cycle.months[-1]) for each in archived)


def _lies_in(cycle: Cycle, period: Period, archived: Collection[Period]) -> bool:
    return all(any(each.covers(month) for each in archived) for month in cycle.months_of(period))


def chain_breaks(
    cycle: Cycle, archives: Mapping[str, Archive | None], receipts: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """What is wrong with the chain of a cycle, one sentence an archive, by its name; nothing for a whole one.

    ``archives`` maps the names (:func:`stem_of`) that have a file to what it holds, None if that was edited or damaged;
    ``receipts`` those that were archived, as the receipt (归档回执) beside the published sheet says, to their hash.
    """
    periods = {stem_of(period): period for kind in KINDS for period in cycle.periods(kind)}
    sound = {stem: found for stem, found in archives.items() if found and stem in periods and found.cycle == cycle}
    known = {stem for stem in (*archives, *receipts) if stem in periods} - _of_others(cycle, archives)
    hashes = {found.hash for found in sound.values()}
    owed = {stem_of(each) for found in sound.values() for each in _owed(cycle, found, sound.values(), hashes)}
    lost = bool((known | owed) - set(sound))
    taken: set[str] = set()
    for stem in sorted(known | owed, key=lambda stem: periods[stem]):
        words, archived = periods[stem].words, sound.get(stem)
        if archived is None:
            edited = stem in archives
            yield stem, f"{words}的归档文件" + ("被改动或损坏，与其校验值不符" if edited else "不见了")
            continue
        fits_on = archived.previous not in taken and (archived.previous in {"", *hashes} or lost)
        taken.add(archived.previous)
        if not fits_on:
            yield stem, f"{words}的归档接不上前一次的归档，其中有一份不是原来的"
        elif receipts.get(stem, archived.hash) != archived.hash:
            yield stem, f"{words}的归档与公示文件夹中的归档回执不一致，不是原来的一份"


def _owed(cycle: Cycle, found: Archive, sound: Iterable[Archive], hashes: Collection[str]) -> Iterator[Period]:
    """What must have been archived before this one; before the year whatever it points to, else more of any kind."""
    archived = [each.period for each in sound]
    if not found.period.is_year:
        yield from due_before(cycle, found.period, archived, found.period.kind)
    elif found.previous not in hashes:
        for kind in {each.kind for each in archived}:
            yield from due_before(cycle, found.period, archived, kind)


def _of_others(cycle: Cycle, archives: Mapping[str, Archive | None]) -> set[str]:
    """Archives of a cycle of another span, which belong to another workbook."""
    return {stem for stem, found in archives.items() if found and found.cycle != cycle}
