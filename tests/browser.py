"""Debian's Chromium, headless, driven over its debugging pipe: for tests that look at a page as a reader does."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--headless", "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--remote-debugging-pipe",
)


@dataclass
class Page:
    """An open page: evaluate JavaScript in it, take its picture, read what went wrong and what it asked for."""

    reader: int
    writer: int
    session: str = ""
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    buffer: bytes = b""
    last: int = 0

    def call(self, method: str, **params: Any) -> Any:
        """One command of the DevTools protocol and its answer."""
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self.last:
                assert "error" not in answer, answer
                return answer["result"]

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.reader], [], [], 90)
            part = os.read(self.reader, 1 << 20) if ready else b""
            assert part, "the browser ended or fell silent"
            self.buffer += part
        raw, self.buffer = self.buffer.split(b"\0", 1)
        event: dict[str, Any] = json.loads(raw)
        kind, params = event.get("method"), event.get("params", {})
        if kind == "Runtime.exceptionThrown":
            self.errors.append(str(params["exceptionDetails"].get("exception", params["exceptionDetails"])))
        elif kind == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(params["entry"]["text"])
        elif kind == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        return event

    def js(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def wait(self, condition: str, seconds: float = 60) -> None:
        """Wait until a JavaScript condition holds; fail with the page's errors if it never does."""
        end = time.monotonic() + seconds
        while not self.js(condition):
            assert time.monotonic() < end, f"never true: {condition}; errors: {self.errors}"
            time.sleep(0.2)

    def picture(self, path: Path, full: bool = True) -> None:
        """A PNG of the page, whole or of the window."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=full)
        path.write_bytes(base64.b64decode(shot["data"]))

    @property
    def outside(self) -> list[str]:
        """What the page asked of any host."""
        return [url for url in self.requests if url.startswith(("http", "ws"))]


@contextmanager
def opened(path: Path, width: int = 1400, height: int = 1000) -> Iterator[Page]:
    """Open a file as by double-click; the test is skipped with a reason where there is no browser."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    to_browser, writer = os.pipe()
    reader, from_browser = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:

        command = [browser, *FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}", "about:blank"]
        # the pipe must be on descriptors 3 and 4; a small Python in between puts it there
        wire = (
            "import fcntl, os, sys; a, b = (fcntl.fcntl(int(x), 0, 10) for x in sys.argv[1:3]); "
            "os.dup2(a, 3); os.dup2(b, 4); os.execv(sys.argv[3], sys.argv[3:])"
        )
        wired = [sys.executable, "-c", wire, str(to_browser), str(from_browser), *command]
        process = subprocess.Popen(wired, pass_fds=(to_browser, from_browser),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        page = Page(reader, writer)
        try:
            target = page.call("Target.createTarget", url="about:blank")["targetId"]
            page.session = page.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                page.call(f"{domain}.enable")
            page.call("Page.navigate", url=path.resolve().as_uri())
            page.wait("document.readyState === 'complete'")
            yield page
        finally:
            process.terminate()
            process.wait(20)
            os.close(writer)
            os.close(reader)
