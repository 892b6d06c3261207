"""What importing the doors costs over starting Python, and which heavy libraries they bring in.

python tests/bench/startup.py [--rounds 7]
"""

from __future__ import annotations

import subprocess
import sys

from measure import BARE_PYTHON, ROOT, arguments, interleaved, median, show

DOORS = {
    "cli": "xl_jifen.doors.cli.cli",
    "check, score": "xl_jifen.doors.cli.cli, xl_jifen.verbs.quarter, xl_jifen.doors.cli.report",
    "ribbon": "xl_jifen.doors.ribbon",
}
HEAVY = ("lxml", "numpy", "openpyxl", "pandas", "PIL", "python_calamine", "typing", "typst", "xlsxwriter", "xlwings")


def main() -> None:
    rounds = arguments("import time over bare Python", sizes=False).rounds
    commands = {door: [sys.executable, "-c", f"import {modules}"] for door, modules in DOORS.items()}
    costs = interleaved({"bare python": BARE_PYTHON, **commands}, rounds)
    show(costs)
    for door, modules in DOORS.items():
        over = [cost.cpu - bare.cpu for cost, bare in zip(costs[door], costs["bare python"], strict=True)]
        listing = f"import sys, {modules}; print(*sorted(set({HEAVY}) & set(sys.modules)))"
        loaded = subprocess.run([sys.executable, "-c", listing], cwd=ROOT, capture_output=True, check=True)
        print(
            f"{door}: {median(over) * 1000:.0f} ms over bare Python; heavy: {loaded.stdout.decode().strip() or 'none'}"
        )


if __name__ == "__main__":
    main()
