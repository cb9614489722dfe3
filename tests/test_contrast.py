"""Checks that the theme's colours can be told apart as WCAG 2.2 asks: 4.5 to 1 for text, 3 to 1 for what is no text."""

import re

import pytest

from web.page import CSS

TEXT, SIGN = 4.5, 3.0
PAIRS = [  # front, back, least ratio
    ("ink", "paper", TEXT),
    ("ink", "card", TEXT),
    ("ink", "faint", TEXT),
    ("ink", "accent-soft", TEXT),
    ("soft", "paper", TEXT),
    ("soft", "card", TEXT),
    ("soft", "faint", TEXT),
    ("accent", "card", TEXT),
    ("accent", "faint", TEXT),
    ("accent", "accent-soft", TEXT),
    ("warm", "card", TEXT),
    ("warm", "paper", TEXT),
    ("card", "accent", TEXT),
    ("accent", "paper", SIGN),
]


def colours(selector: str) -> dict[str, str]:
    """Return the colours that the style sheet defines for `selector`, as hexadecimal digits."""
    [block] = re.findall(rf"^{re.escape(selector)} {{(.*?)}}", CSS, re.MULTILINE | re.DOTALL)
    return dict(re.findall(r"--([\w-]+): #([0-9a-f]{6})", block))


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [":root", ".dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_are_told_apart(scheme: str, front: str, back: str, least: float) -> None:
    known = colours(scheme)
    dark, light = sorted((luminance(known[front]), luminance(known[back])))
    assert (light + 0.05) / (dark + 0.05) >= least


def test_light_and_dark_define_the_same_colours() -> None:
    assert colours(":root").keys() == colours(".dark").keys()
