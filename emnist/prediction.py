"""What one picture was read as."""

from dataclasses import dataclass

from emnist.picture import Steps


@dataclass(frozen=True)
class Prediction:
    """What a picture shows.

    Attributes:
        label: the most probable character.
        confidence: its probability.
        probabilities: of every character in the order of the label map, summing to 1.
        lookalikes: the labels that look like the best two, themselves included ("0O"); "" if those are not alike.
        lookalikes_confidence: the sum of their probabilities.
        character: score in [0, 1] for "this is one character".
        is_character: whether that score reaches the threshold, which 98.5 % of real drawings pass.
        steps: the pictures from the source to what the network saw, `steps.image`.
    """

    label: str
    confidence: float
    probabilities: dict[str, float]
    lookalikes: str
    lookalikes_confidence: float
    character: float
    is_character: bool
    steps: Steps

    def top(self, n: int = 5) -> list[tuple[str, float]]:
        """Return the `n` most probable characters with their probabilities, best first."""
        return sorted(self.probabilities.items(), key=lambda pair: -pair[1])[:n]
