"""Lines and boxes as they are printed, and strokes as a pen draws them, finer than the picture will be."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from train.images.words import Stroke

FINE = 2  # factor by which lines and strokes are drawn larger, then shrunk
Box = tuple[float, float, float, float]  # x, y, width, height, px


class Press:
    """A page to be printed on; all lengths are px.

    Attributes:
        lines: (FINE · H, FINE · W), where lines are printed.
        ground: (H, W, 3), the paper.
        thick, broken: how thick printed lines are, and how long their dashes and gaps if they have any.
    """

    lines: Image.Image
    ground: Image.Image
    thick: float
    broken: tuple[float, float] | None

    def rule(self, x0: float, y0: float, x1: float, y1: float, thick: float = 0) -> None:
        """Print a line."""
        long = max(float(np.hypot(x1 - x0, y1 - y0)), 1e-6)
        dash, gap = self.broken or (long, 1.0)
        x, y = (x1 - x0) / long, (y1 - y0) / long
        for at in np.arange(0, long, dash + gap):
            end = min(at + dash, long)
            ends = [(FINE * (x0 + x * at), FINE * (y0 + y * at)), (FINE * (x0 + x * end), FINE * (y0 + y * end))]
            ImageDraw.Draw(self.lines).line(ends, 255, max(1, round(FINE * (thick or self.thick))))

    def frame(self, box: Box, thick: float = 0) -> None:
        """Print the four lines around a box."""
        x, y, wide, high = box
        for y0 in (y, y + high):
            self.rule(x, y0, x + wide, y0, thick)
        for x0 in (x, x + wide):
            self.rule(x0, y, x0, y + high, thick)

    def rounded(self, box: Box, radius: float) -> None:
        """Print a box with round corners."""
        x, y, wide, high = (FINE * value for value in box)
        thick = max(1, round(FINE * self.thick))
        ImageDraw.Draw(self.lines).rounded_rectangle((x, y, x + wide, y + high), FINE * radius, None, 255, thick)

    def shade(self, box: Box, colour: Sequence[float]) -> None:
        """Fill a box with a colour."""
        x, y, wide, high = box
        ImageDraw.Draw(self.ground).rectangle((x, y, x + wide, y + high), tuple(round(v) for v in colour))


def stroke(layer: Image.Image, points: Stroke, pen: float, fine: int = FINE, blunt: bool = False) -> None:
    """Draw a line through `points` (N, 2), `pen` px wide, in a `layer` that is `fine` times as fine.

    Its ends are round, or cut off if it is `blunt`.
    """
    pencil, radius = ImageDraw.Draw(layer), fine * pen / 2
    way = [(fine * float(x), fine * float(y)) for x, y in points]
    pencil.line(way, 255, max(1, round(fine * pen)))
    for x, y in way[1:-1] if blunt and len(way) > 2 else way:
        pencil.ellipse((x - radius, y - radius, x + radius, y + radius), 255)
