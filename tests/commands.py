"""Runs `python -m train` in the process of the tests."""

import sys

import pytest

from emnist import terminal
from train.__main__ import app


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run `python -m train` with these arguments and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["train", *arguments])
    return terminal.run(app)
