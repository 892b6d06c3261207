"""What workbooks start as ``python -m xl_jifen.hosts.press FILE``: the press that FILE tells of."""

import sys

from xl_jifen.doors import ribbon

if __name__ == "__main__":
    sys.exit(ribbon.press(sys.argv[1]))
