"""``python -m xl_jifen`` is the command ``xl-jifen``."""

import sys

from xl_jifen.hosts.cli import main

sys.exit(main())
