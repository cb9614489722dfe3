"""What all tests share: the real data, where it is there, a Hub on loopback, a small training, the built-in model."""

from pathlib import Path

import pytest
from hypothesis import settings
from loopback import hasty, hub, reader  # first of all that imports huggingface_hub, which reads HF_* then
from meter import METER
from training import data, few_negatives

from emnist import Recognizer

__all__ = ["data", "few_negatives", "hasty", "hub", "reader", "shared"]

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --thorough."""
    parser.addoption("--thorough", action="store_true", help="40 times as many fuzz cases, and 25 kills of a training")


def pytest_configure(config: pytest.Config) -> None:
    """Set how many cases hypothesis makes up."""
    settings.register_profile("quick", max_examples=100)
    settings.register_profile("thorough", max_examples=4000)
    settings.load_profile("thorough" if config.getoption("thorough") else "quick")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what the fuzzing took, where it ran in this process."""
    if config.getoption("thorough") and METER in config.stash:
        terminalreporter.write_line(str(config.stash[METER]))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of scans, sketches and photographs, or skip the test."""
    if not SHARED.is_dir():
        pytest.skip("the data folder ../shared is not here")
    return SHARED


@pytest.fixture(scope="session")
def recognizer() -> Recognizer:
    """Return the built-in model."""
    return Recognizer.from_pretrained()
