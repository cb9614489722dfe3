"""What all tests share: the folder of real data, where it is there."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of scans, sketches and photographs, or skip the test."""
    if not SHARED.is_dir():
        pytest.skip("the data folder ../shared is not here")
    return SHARED
