"""From any picture to EMNIST's own 28×28 form.

decode (any file → upright, 400 px, by `emnist.decoder`) → sheet (of paper on a table) → light → paper (even contrast)
→ dashes (dotted lines, out) → cells (of a form) → lines (ruled, out) → parts (of one character) → ink → pens (as
broad as EMNIST's) → convert (28×28).  `steps` takes all these steps; `arrays` holds shared helpers.
Whoever reads one character needs `prepare`, which returns `Steps`; `emnist.text` and `train` also take single steps.
"""

from emnist.picture.decode import Source, read
from emnist.picture.steps import Steps, prepare

__all__ = ["Source", "Steps", "prepare", "read"]
