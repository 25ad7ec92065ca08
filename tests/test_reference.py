"""The reference page is what the code says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# A process of its own: click keeps the help option of the first context a command is seen in.
PROGRAM = "import build_reference, sys; sys.stdout.buffer.write(build_reference.reference().encode('utf-8'))"


def test_the_reference_page_is_up_to_date() -> None:
    made = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT / "tools", capture_output=True, check=True)
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert page == made.stdout.decode("utf-8"), "run: python tools/build_reference.py"
