"""Several characters: where they are, what each is, in which order.

The steps: pen strokes or a picture → lines of candidates (`candidates.Line`) → the network reads all candidates in one
go → search finds the best ways to divide each line → a network that sees the line as a whole decides between them →
context compares neighbours → `Transcript`.
An atom is one pen stroke or one piece of ink.  A candidate is a group of atoms that may be one character.
`Recognizer.transcribe` takes these steps and returns a `Transcript` of `Character`s.
"""

from emnist.text.transcript import Character, Transcript

__all__ = ["Character", "Transcript"]
