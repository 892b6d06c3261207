"""``score --json`` as a whole process against a bare calamine read of the same workbook.

    python tests/bench/score.py [--sizes 1000 10000 100000] [--writers XlsxWriter openpyxl LibreOffice] [--rounds 7]

Prints medians (least–most) and ratios, and the power of the number of entries with which the CPU time grows: of the
whole process, and of what exceeds a workbook of 12 entries (starting Python, importing, reading the scheme).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import BARE_READ, arguments, exponent, interleaved, make, median, show

EMPTY = 12
SCORE = [
    *(
        sys.executable,
        "-c",
        "import sys; sys.argv[0] = 'xl-jifen'; from xl_jifen.doors.cli.cli import run; sys.exit(run())",
    ),
    *("score", "--json"),
]
"""As the installed ``xl-jifen`` starts it."""


def main() -> None:
    options = arguments("score --json against a bare calamine read")
    whole: dict[tuple[str, str], dict[int, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in (EMPTY, *options.sizes):
            for writer, path in make(Path(folder), size, options.writers).items():
                file = str(path)
                costs = interleaved({"bare read": [*BARE_READ, file], "score": [*SCORE, file]}, options.rounds)
                print(f"{size} entries by {writer}, {path.stat().st_size / 1024:.0f} KiB")
                show(costs)
                for name, found in costs.items():
                    whole.setdefault((writer, name), {})[size] = median([cost.cpu for cost in found])
    for (writer, name), cost in whole.items():
        start = cost.pop(EMPTY)
        above = {size: seconds - start for size, seconds in cost.items() if seconds > start}
        if len(above) > 1:
            power, rest = exponent(cost), exponent(above)
            print(f"{name}, {writer}: grows with entries to the power {power:.2f}, above start {rest:.2f}")


if __name__ == "__main__":
    main()
