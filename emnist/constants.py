"""Numbers that the way from strokes to an answer shares with its twin in JavaScript: both read constants.json.

The twin is `web/static/local`, which reads in a browser without a server.
"""

import json
from pathlib import Path
from typing import Any

_READ: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "constants.json").read_text(encoding="utf-8"))
LABELS, CONVERT, PENS, DRAWING = (_READ[room] for room in ("labels", "convert", "pens", "drawing"))
