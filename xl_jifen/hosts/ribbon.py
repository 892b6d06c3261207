"""What the buttons of workbooks in use import: ``xl_jifen.doors.ribbon`` under the name it had."""

import sys

from xl_jifen.doors import ribbon

sys.modules[__name__] = ribbon
