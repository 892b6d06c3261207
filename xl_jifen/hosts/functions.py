"""What the functions of workbooks in use import: ``xl_jifen.doors.functions`` under the name it had."""

import sys

from xl_jifen.doors import functions

sys.modules[__name__] = functions
