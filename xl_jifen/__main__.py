"""``python -m xl_jifen`` is the command ``xl-jifen``."""

import os
import sys

# ``-m`` puts the current folder first: a stray json.py beside the workbooks must not be what Python imports.
if not sys.flags.safe_path and __file__.rsplit(os.sep, 2)[0] != sys.path[0]:
    del sys.path[0]

from xl_jifen.doors.cli.cli import run

sys.exit(run())
