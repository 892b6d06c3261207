"""A headless Chromium with one page open, driven over a pipe: what a script asks of it, and time passing meanwhile."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any


class Browser:
    """The program with a profile of its own; ended by ``stop``."""

    def __init__(self, program: str, profile: Path, *more: str) -> None:
        out, self._write = os.pipe()
        self._read, back = os.pipe()
        script = f'exec 3<&{out} 4>&{back}; exec "$0" "$@"'
        options = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe")
        command = [
            "bash",
            "-c",
            script,
            program,
            *options,
            *more,
            f"--user-data-dir={profile}",
            "--window-size=800,600",
        ]
        self.process = subprocess.Popen(
            command, pass_fds=(out, back), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(out)
        os.close(back)
        self._numbers, self._rest, self._session = itertools.count(1), b"", {}

    def call(self, method: str, **params: object) -> Any:
        """One command of the DevTools protocol and its answer."""
        number = next(self._numbers)
        sent = {"id": number, "method": method, "params": params, **self._session}
        os.write(self._write, json.dumps(sent).encode() + b"\0")
        while True:
            while b"\0" not in self._rest:
                piece = os.read(self._read, 1 << 16)
                assert piece, "the browser has gone"
                self._rest += piece
            message, _, self._rest = self._rest.partition(b"\0")
            answer = json.loads(message)
            if answer.get("id") == number:
                return answer["result"]

    def open(self, page: Path, after: str = "") -> None:
        """Show a file, in the place of the one that is shown; ``after`` is what follows its name in the address."""
        if not self._session:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
            self._session = {"sessionId": attached["sessionId"]}
        self.call("Page.navigate", url=page.as_uri() + after)

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page as it is now."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until it is true."""
        for _ in range(200):
            if self.ask(expression):
                return
            time.sleep(0.1)
        raise AssertionError(expression)

    def stop(self) -> None:
        """End this browser and no other, as if its window were closed."""
        self._session = {}
        self.call("Browser.close")
        self.process.wait(20)
