"""Which row of a sheet today is which row of the archive: the rule of matching, one sentence at a time."""

from __future__ import annotations

from xl_jifen.archive.matching import Content, match

Pairs = list[tuple[int, int]]


def row(number: int, cells: str, serial: str = "") -> Content:
    """A row whose cells are the characters of a text; ``-`` is a blank."""
    return Content(number, serial, {f"列{n}": cell.strip("-") for n, cell in enumerate(cells)})


def matched(
    then: list[Content], now: list[Content], elsewhere: list[Content] | None = None
) -> tuple[Pairs, list[int], list[int]]:
    found = match(then, now, elsewhere or [])
    pairs = sorted((was.row, now_is.row) for was, now_is in found.pairs)
    return pairs, [gone.row for gone in found.gone], [come.row for come in found.come]


def test_rows_that_say_the_same_are_the_same_wherever_they_stand() -> None:
    then = [row(2, "abcd", "1"), row(3, "efgh", "2"), row(4, "ijkl", "3")]
    now = [row(2, "ijkl", "1"), row(5, "abcd", "2"), row(6, "efgh", "3")]
    assert matched(then, now) == ([(2, 5), (3, 6), (4, 2)], [], [])


def test_the_same_goes_before_what_differs_in_one_cell() -> None:
    then = [row(2, "abcd"), row(3, "xbcd")]
    now = [row(2, "xbcd"), row(3, "ybcd")]
    assert matched(then, now) == ([(2, 3), (3, 2)], [], [])


def test_a_row_that_differs_in_one_cell_is_the_same_wherever_it_stands() -> None:
    for number, cell in enumerate("wxyz"):
        changed = "abcd"[:number] + cell + "abcd"[number + 1 :]
        assert matched([row(2, "abcd", "1")], [row(7, changed, "9")]) == ([(2, 7)], [], [])


def test_a_row_that_differs_in_two_cells_is_the_same_only_by_its_serial_or_its_place() -> None:
    was = row(2, "abcd", "1")
    assert matched([was], [row(7, "abxy", "1")]) == ([(2, 7)], [], [])
    assert matched([was], [row(2, "abxy", "9")]) == ([(2, 2)], [], [])
    assert matched([was], [row(7, "abxy", "9")]) == ([], [2], [7])
    assert matched([row(2, "abcd")], [row(7, "abxy")]) == ([], [2], [7]), "no serial is no equal serial"


def test_the_serial_goes_before_the_place() -> None:
    then, now = [row(2, "abcd", "1")], [row(2, "abxy", "9"), row(3, "abvw", "1")]
    assert matched(then, now) == ([(2, 3)], [], [2])


def test_at_least_half_of_the_filled_cells_agree() -> None:
    assert matched([row(2, "abcd", "1")], [row(2, "axyz", "1")]) == ([], [2], [2])
    assert matched([row(2, "ab----", "1")], [row(2, "axyz--", "1")]) == ([], [2], [2]), "filled in either"
    assert matched([row(2, "axyz--", "1")], [row(2, "ab----", "1")]) == ([], [2], [2])
    assert matched([row(2, "abc---", "1")], [row(2, "abx---", "1")]) == ([(2, 2)], [], [])
    assert matched([row(2, "ab-", "1")], [row(2, "a-y", "1")]) == ([], [2], [2]), "one of three"


def test_among_equals_the_same_serial_then_the_same_place_then_the_first_goes_first() -> None:
    now = [row(3, "abcd", "7"), row(4, "abcd", "8"), row(5, "abcd", "9")]
    assert matched([row(4, "abcd", "9")], now) == ([(4, 5)], [], [3, 4])
    assert matched([row(4, "abcd", "1")], now) == ([(4, 4)], [], [3, 5])
    assert matched([row(9, "abcd", "1")], now) == ([(9, 3)], [], [4, 5])
    blank = [row(3, "abcd"), row(4, "abcd")]
    assert matched([row(4, "abcd")], blank) == ([(4, 4)], [], [3])


def test_equal_rows_are_paired_one_to_one() -> None:
    then, now = [row(2, "abcd"), row(3, "abcd"), row(4, "abcd")], [row(3, "abcd"), row(2, "abcd")]
    assert matched(then, now) == ([(2, 2), (3, 3)], [4], [])


def test_a_row_that_no_longer_belongs_is_found_at_its_place_and_never_comes() -> None:
    was = [row(2, "abcd", "1")]
    assert matched(was, [], [row(2, "abxy", "1"), row(3, "efgh")]) == ([(2, 2)], [], [])
    assert matched(was, [], [row(3, "abcd", "1")]) == ([], [2], [])
    assert matched(was, [row(2, "abxy", "9")], [row(5, "abcd", "1")]) == ([(2, 2)], [], [])


def test_nothing_then_or_nothing_now() -> None:
    assert matched([], [row(2, "abcd")]) == ([], [], [2])
    assert matched([row(2, "abcd")], []) == ([], [2], [])
