"""What workbooks start as ``python -m xl_jifen.hosts.press FILE``: the press that FILE tells of."""

import sys

from xl_jifen.doors import ribbon
from xl_jifen.render import typesetter

if __name__ == "__main__":
    typesetter.in_place = True  # this process ends with the press
    sys.exit(ribbon.press(sys.argv[1]))
