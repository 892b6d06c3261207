"""typst in a child of its own, for the tests: what was set once is kept, and its memory goes when the child ends.

typst keeps all it ever laid out, 3 MB a page, and the tests set the same few pages again and again. A result belongs to
everything typst is given (files, fonts, inputs, options), so another page or template is always set anew. Results lie
in files: a picture is most of a megabyte.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import typst

AT_ONCE, MOST = 40, 300
"""Pages set by one child, and megabytes it has at the end of one; the next child begins with nothing."""

Answer = tuple[bool, Any]
"""Whether it went well, and the result or typst's words."""

real_fonts = typst.Fonts


class Typesetter:
    """Stands in for ``typst.compile``, ``typst.query`` and ``typst.Fonts``."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="xl-jifen-test-")
        self.results: dict[bytes, Path] = {}
        self.handles: dict[bytes, Any] = {}
        self.child: subprocess.Popen[bytes] | None = None
        self.served, self.megabytes = 0, 0

    def fonts(self, **found: Any) -> Any:
        """The fonts found by these options; the child looks for them by the same."""
        asked = pickle.dumps(found)
        if asked not in self.handles:
            self.handles[asked] = real_fonts(**found)
        return self.handles[asked]

    def compile(self, files: Any, **options: Any) -> Any:
        return self._set("compile", files, options)

    def query(self, files: Any, **options: Any) -> Any:
        return self._set("query", files, options)

    def forget(self) -> None:
        """End the child and lose what it made: what follows is set anew, by another process."""
        self.results.clear()
        self.rest()

    def rest(self) -> None:
        """End the child."""
        if self.child:
            self.child.communicate()
            self.child = None

    def _set(self, what: str, files: dict[str, bytes], options: dict[str, Any]) -> Any:
        handle = options.pop("font_paths")
        found = next(found for found, each in self.handles.items() if each is handle)
        asked = pickle.dumps((what, files, found, options))
        key = sha256(asked).digest()
        if key not in self.results:
            kept = Path(self.folder.name) / key.hex()
            kept.write_bytes(pickle.dumps(self._asked(asked)))
            self.results[key] = kept
        answer: Answer = pickle.loads(self.results[key].read_bytes())
        well, result = answer
        if not well:
            raise typst.TypstError(result)
        return result

    def _asked(self, asked: bytes) -> Answer:
        if self.served >= AT_ONCE or self.megabytes > MOST:
            self.rest()
        if not self.child:
            self.served = 0
            command = [sys.executable, __file__]
            self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.child.stdin
        assert self.child.stdout
        pickle.dump(asked, self.child.stdin)
        self.child.stdin.flush()
        self.served += 1
        answer: Answer
        answer, self.megabytes = pickle.load(self.child.stdout)
        return answer


def megabytes() -> int:
    """What this process has in memory; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
    except OSError:
        return 0


def serve() -> None:
    """The child: requests on stdin, answers on stdout, until stdin ends."""
    handles: dict[bytes, Any] = {}
    while True:
        try:
            what, files, found, options = pickle.loads(pickle.load(sys.stdin.buffer))
        except EOFError:
            return
        if found not in handles:
            handles[found] = typst.Fonts(**pickle.loads(found))
        try:
            answer = (True, getattr(typst, what)(files, font_paths=handles[found], **options))
        except RuntimeError as error:
            answer = (False, str(getattr(error, "message", error)))
        pickle.dump((answer, megabytes()), sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve()
