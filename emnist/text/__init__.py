"""Several characters: where they are, what each is, in which order.

strokes (of a pen) or pictures → lines of candidates (`candidates.Line`: atoms, groups of atoms that may be one
character, what geometry tells of each) → reading: the network sees all candidates in one go, search finds the best way
to part each line, context weighs what stands beside what → `Transcript`.
Others use `Recognizer.transcribe`, which walks this way, and `Transcript` and `Character`, which it returns.
"""

from emnist.text.transcript import Character, Transcript

__all__ = ["Character", "Transcript"]
