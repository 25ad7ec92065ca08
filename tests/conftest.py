"""Fixtures shared by all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge import study as studies
from landbridge.routing.world import World, build_world

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published reference data beside the repository; the test is skipped where it is absent."""
    if not SHARED.exists():
        pytest.skip("the published reference data (folder shared/ beside the repository) is not here")
    return SHARED


@pytest.fixture(scope="session")
def korea_world() -> World:
    """The assembled network of the bundled study with its hierarchy, built once."""
    return build_world(studies.read("korea"))
