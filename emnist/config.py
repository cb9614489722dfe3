"""What a model is besides its weights and labels; kept apart from the network, which takes seconds to import."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelConfig:
    """Everything besides the weights; `config.json` holds exactly these fields.

    Attributes:
        classes: number of characters the network tells apart.
        image_size: side of the square input in pixels.
        margin: pixels at each border that are not looked at.  EMNIST centres a character in the 24×24 px inside, so 2
            costs nothing and saves a fifth of the time.  The weights of the built-in model go back to before; it has 0.
        widths: channels of the stem and of the three stages after it.
        hidden: units of the fully connected layer.
        turns: degrees by which an image is turned before it is read; the answers of all of them are averaged.
        mean, std: of the training pixels in [0, 1]; the network normalises its input by itself.
        temperature: divides the logits before the softmax, so that confidences are calibrated.
        accept: the least character score that is still taken for a character, in [0, 1].
        prior: share of each class among the training images, summing to 1; empty if unknown.
        drawn: added to the log-probability of each class when a drawing or a photograph is read, because size and pen
            tell less there than in EMNIST's scans; empty if unknown.
        pooled: indices of classes that look the same when drawn, 0 and O.  For a drawing or a photograph each of them
            gets the mean of their probabilities before `drawn` is added.
    """

    classes: int = 47
    image_size: int = 28
    margin: int = 2
    widths: tuple[int, int, int, int] = (32, 80, 144, 192)
    hidden: int = 256
    turns: tuple[float, ...] = (0.0, -10.0, 10.0)
    mean: float = 0.1736
    std: float = 0.3317
    temperature: float = 1.0
    accept: float = 0.5
    prior: tuple[float, ...] = ()
    drawn: tuple[float, ...] = ()
    pooled: tuple[int, ...] = ()
