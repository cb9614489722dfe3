"""Numbers that the way to 28×28 shares with its twin in JavaScript, `web/static/local`: both read constants.json."""

import json
from pathlib import Path
from typing import Any

_READ: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "constants.json").read_text())
CONVERT, PENS, DRAWING = _READ["convert"], _READ["pens"], _READ["drawing"]
