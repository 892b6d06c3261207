"""What a declaration means (申报的含义): the member, the rule and the figures its words stand for, never a guess.

What cannot be told apart stays as it was written, with a sentence why; the core judges the rest. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from xl_jifen import layout
from xl_jifen.declare.columns import ITEMS, Declaration
from xl_jifen.grid import Cell, CellError, as_date, as_number, as_text, is_blank, squeeze
from xl_jifen.register import Member, Register, Rule
from xl_jifen.roster import RollCall, names_in
from xl_jifen.rulebook import RuleBook

TEXTS = tuple(item for item in ITEMS if item not in (layout.DAY, layout.NAME, layout.QUANTITY, layout.CLAIMED))
"""What is taken over as it was written, as far as nothing else is understood by it."""

LONGEST = 2_000
"""Characters of a text that are taken over; a cell could not hold much more, and nobody reads them."""

MOST_DIGITS = 15
"""Longer numbers are no quantities, and no cell holds them exactly."""

MOST_CANDIDATES = 4
"""Rules named where a text could mean several."""

DECLARED = (layout.BONUS, layout.DEDUCTION)
"""The kinds of rules that are declared."""

UNCLEAR = "申报事项："
"""Begins the remark that keeps the words of a matter whose rule is not clear."""

SHORT_DAY = re.compile(r"(\d{1,2})月(\d{1,2})[日号]?")
_CHOICES = re.compile(r"[┋|;；、,，\n]+")
"""What forms join the answers of a question with several choices by."""


class Claim(NamedTuple):
    """A declaration as understood. ``member`` and ``rule`` are None where they are not clear, ``day`` where it is none.

    ``cells`` are what goes under each heading of a month sheet; ``notes`` sentences about what was made of it.
    """

    declaration: Declaration
    day: date | None
    member: Member | None
    rule: Rule | None
    cells: dict[str, Cell]
    notes: tuple[str, ...]

    @property
    def unclear(self) -> bool:
        """Whether the words of its rule mean none for certain, as a note says."""
        return self.rule is None and not is_blank(self.declaration.cells.get(layout.RULE))


class Meaning:
    """A branch's roster and rules, and what declarations mean by them."""

    def __init__(self, register: Register) -> None:
        self.roll, self.book, self.cycle = RollCall(register.members), RuleBook(register.rules), register.settings.cycle
        self._offered = [
            (rule, squeeze(rule.item), squeeze(rule.block))
            for rule in register.rules
            if rule.item and rule.kind in DECLARED and self.book.find(rule.code) is rule
        ]

    def of(self, declaration: Declaration) -> Iterator[Claim]:
        """One declaration as far as it can be understood: a claim for each person and each rule it names."""
        cells = declaration.cells
        wrong = {item: cell for item in TEXTS if item != layout.RULE and isinstance(cell := cells.get(item), CellError)}
        texts = {item: "" if item in wrong else as_text(cells.get(item)) for item in TEXTS}
        cut = [f"“{item}”显示的是 {cell}，没有带过来；请看申报表的这一格" for item, cell in wrong.items()]
        cut += [f"“{item}”太长，只取了前 {LONGEST} 字" for item, text in texts.items() if len(text) > LONGEST]
        texts = {item: text[:LONGEST] for item, text in texts.items()}
        texts[layout.VERIFIER] = self.person(texts[layout.VERIFIER])[1]
        words, reason, remark = (texts.pop(item) for item in (layout.RULE, layout.REASON, layout.REMARK))
        day = self.day(cells.get(layout.DAY))
        for member, name in self.people(as_text(cells.get(layout.NAME))):
            for rule, note in self._rules(words, day, member):
                claimed, refused = _claimed(cells.get(layout.CLAIMED), rule)
                unit = (rule.unit or layout.PER_TIME) if rule else ""
                own_words = rule and squeeze(reason) in (rule.code, squeeze(rule.label))
                kept = f"{UNCLEAR}{words}" if words and rule is None else ""
                taken: dict[str, Cell] = {
                    layout.DAY: day,
                    layout.NAME: name[:LONGEST],
                    layout.RULE: rule.label if rule else None,
                    layout.QUANTITY: _number(cells.get(layout.QUANTITY), unit),
                    layout.CLAIMED: claimed,
                    layout.REASON: rule.item if rule and own_words else reason,
                    layout.REMARK: "；".join(filter(None, (remark, kept))),
                    **texts,
                }
                yield Claim(declaration, day, member, rule, taken, tuple(filter(None, (*cut, note, refused))))

    def day(self, cell: Cell) -> date | None:
        """A date; one without its year (10月18日) is the one day of the cycle that it can be."""
        found = as_date(cell)
        short = None if found else SHORT_DAY.fullmatch(squeeze(as_text(cell)))
        if short is None or self.cycle is None:
            return found
        years = (self.cycle.start.year, self.cycle.end.year)
        dated = (as_date(f"{year}-{short[1]}-{short[2]}") for year in years)
        return next((day for day in dated if day and day in self.cycle), None)

    def people(self, text: str) -> list[tuple[Member | None, str]]:
        """Everybody a cell names, as :meth:`person`, each once; one nobody where it names none."""
        return list(dict.fromkeys(map(self.person, names_in(text)))) or [(None, "")]

    def person(self, text: str) -> tuple[Member | None, str]:
        """The member a text means, and the text of the dropdown; the text itself where it means nobody for certain."""
        found = self.roll.find(text) if text else None
        if not isinstance(found, Member):
            return None, text
        return found, found.shown

    def _rules(self, text: str, day: date | None, member: Member | None) -> list[tuple[Rule | None, str]]:
        """The rules a text means, each with a sentence where it wants a look: one, unless every part names another."""
        parts = filter(None, map(str.strip, _CHOICES.split(text)))
        found = dict.fromkeys(self._rule(part, day, member)[0] for part in parts)
        rules = [rule for rule in found if rule]
        if len(rules) < 2 or None in found:
            return [self._rule(text, day, member) if text else (None, "")]
        codes = "、".join(rule.code for rule in rules[:MOST_CANDIDATES]) + ("等" if rules[MOST_CANDIDATES:] else "")
        note = f"一格里写了 {len(rules)} 条规则（{codes}），已分成几笔，请核对数量"
        return [(rule, note) for rule in rules]

    def _rule(self, text: str, day: date | None, member: Member | None) -> tuple[Rule | None, str]:
        """The rule a text means, by code, else by 小项; and a sentence where that is not clear or wants a look."""
        key, meant = squeeze(text), self.book.meant(text, day)
        if isinstance(meant, Rule):
            glued = meant.code.isdecimal() and re.match(rf"{meant.code}\w", text.lstrip())
            by_words = key == squeeze(meant.item) and meant.kind not in DECLARED
            if not glued and not by_words:
                return meant, ""  # “1月植树” does not mean rule 1, nor “违纪” that a ballot is declared
        elif meant.several:
            return None, f"{meant.message}，规则留空"
        found = _fitting(self._worded(key), day, member)
        if len(found) == 1:
            exact = squeeze(found[0].item) == key
            return found[0], "" if exact else f"“{quoted(text)}”按小项认作 {found[0].label}，请核对"
        if not found:
            return None, f"积分规则表中没有与“{quoted(text)}”对应的规则，规则留空"
        named = "、".join(rule.label for rule in found[:MOST_CANDIDATES]) + ("等" if found[MOST_CANDIDATES:] else "")
        return None, f"“{quoted(text)}”可能是 {named}，分不清是哪一条，规则留空"

    def _worded(self, key: str) -> list[Rule]:
        """The rules whose 小项 a text is or holds (the longest of such), else those of whose 小项 it is a part."""
        within = [(rule, i) for rule, i, block in self._offered if i == key or i in key.replace(block, "", 1)]
        found = [rule for rule, i in within if not any(i != other and i in other for _, other in within)]
        return found or [rule for rule, item, _ in self._offered if len(key) > 1 and key in item]


def _fitting(rules: Sequence[Rule], day: date | None, member: Member | None) -> list[Rule]:
    """Of rules with the same words (an ended one and what replaced it, one a category), those that apply here."""
    in_force = [rule for rule in rules if day is None or rule.in_force(day)] or list(rules)
    return [rule for rule in in_force if member is None or rule.covers(member.on(day).category)] or in_force


def _claimed(cell: Cell, rule: Rule | None) -> tuple[Cell, str]:
    """申报分值: only a rule with a range takes one; that of another is left out, with a sentence where it differs."""
    claim = _number(cell, "分")
    if is_blank(claim) or rule is None or rule.ceiling is not None:
        return claim, ""
    same = not rule.ladder and as_number(claim) == Fraction(rule.points, 100)
    return None, "" if same else f"申报的分值 {quoted(as_text(claim))} 没有带上：{rule.label} 由规则计分"


def _number(cell: Cell, unit: str) -> Cell:
    """A figure as a number (``4小时`` where the unit is 小时, ``+3分``); whatever is none stays as written."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return cell
    text = as_text(cell)
    key = squeeze(text).removesuffix(squeeze(unit))
    number = as_number(key) if len(key) <= MOST_DIGITS else None
    if number is None:
        return text[:LONGEST] or None
    return int(number) if number.denominator == 1 else float(number)


def quoted(text: str) -> str:
    """A text short enough for a sentence."""
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= 40 else f"{text[:40]}…"
