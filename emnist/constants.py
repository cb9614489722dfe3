"""Numbers that Python and JavaScript share; both read them from constants.json.

`web/static/local` does in a browser what this package does: from pen strokes or a picture to an answer.
"""

import json
from pathlib import Path
from typing import Any

_READ: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "constants.json").read_text(encoding="utf-8"))
LABELS, CONVERT, PENS, DRAWING = (_READ[room] for room in ("labels", "convert", "pens", "drawing"))
MARKS, BOXES, SCENES, SEQUENCE = (_READ[room] for room in ("marks", "boxes", "scenes", "sequence"))
PARTING, READING = (_READ[room] for room in ("parting", "reading"))
