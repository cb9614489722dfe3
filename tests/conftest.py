"""What all tests share: the folder of real data, where it is there, and a Hub on loopback instead of the real one."""

from pathlib import Path

import pytest
from loopback import hasty, hub, reader  # first of all that imports huggingface_hub, which reads HF_* then

__all__ = ["hasty", "hub", "reader", "shared"]

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of scans, sketches and photographs, or skip the test."""
    if not SHARED.is_dir():
        pytest.skip("the data folder ../shared is not here")
    return SHARED
