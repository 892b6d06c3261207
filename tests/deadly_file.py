"""A roll-up's work that dies of one file. Workers import it, so it imports nothing that they do not need."""

from __future__ import annotations

import os

from xl_jifen.verbs.rollup import rollup
from xl_jifen.verbs.rollup.journal import Outcome, Task

DEADLY = "凶.xlsx"
work = rollup.work


def deadly(task: Task) -> Outcome:
    """Reckons a workbook, and dies of one."""
    if task.url.endswith(DEADLY):
        os._exit(9)
    return work(task)
