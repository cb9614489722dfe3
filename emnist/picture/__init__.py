"""Any picture to EMNIST's own 28×28 form.

decode (any file → upright, 400 px, by `emnist.decoder`) → sheet (of paper on a table) → light → paper (even contrast)
→ dashes (dotted lines, out) → cells (of a form) → lines (ruled, out) → parts (of one character) → ink → pens (as
broad as EMNIST's) → convert (28×28).  `steps` walks it; `arrays` is shared.
Others use `prepare`, which returns `Steps`; `read` and `Source`; `ink.mask` and `convert.emnist` for parts of the way.
"""

from emnist.picture.decode import Source, read
from emnist.picture.steps import Steps, prepare

__all__ = ["Source", "Steps", "prepare", "read"]
