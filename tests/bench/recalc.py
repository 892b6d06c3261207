"""``recalc`` as a whole process against openpyxl loading and saving the same workbook, unchanged.

    python tests/bench/recalc.py [--sizes 1000 10000 100000] [--writers XlsxWriter openpyxl LibreOffice] [--rounds 7]

Every run starts from a fresh copy of the workbook: ``recalc`` leaves one alone that it has written before.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from measure import LOAD_AND_SAVE, arguments, interleaved, make, show


def main() -> None:
    options = arguments("recalc against openpyxl load and save")
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            for writer, fresh in make(Path(folder), size, options.writers).items():
                book = fresh.with_name("党员积分.xlsx")

                def begin(fresh: Path = fresh, book: Path = book) -> None:
                    shutil.rmtree(book.with_name("备份"), ignore_errors=True)
                    shutil.copyfile(fresh, book)

                commands = {
                    "openpyxl": [sys.executable, "-c", LOAD_AND_SAVE, str(book), str(book)],
                    "recalc": [sys.executable, "-m", "xl_jifen", "recalc", str(book)],
                }
                print(f"{size} entries by {writer}, {fresh.stat().st_size / 1024:.0f} KiB")
                show(interleaved(commands, options.rounds, begin))


if __name__ == "__main__":
    main()
