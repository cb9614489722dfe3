"""The network, from small to large: blocks, CharacterNet.

28×28 grey → inner 24×24 → conv 5×5, pool → conv + residual → pool → conv + residual → pool → conv + residual
           → flatten → fully connected → softmax over the characters
                                       ↘ one more output: "is this one character at all?"

Sizes in comments are those of new models.  The built-in one looks at all 28×28 px (`ModelConfig.margin`).
"""

from typing import cast

from torch import Tensor, nn

from emnist.config import ModelConfig


class ConvNorm(nn.Sequential):
    """3×3 convolution that keeps height and width, then batch normalisation."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs))


class Stage(nn.Module):
    """Widen, then refine: relu(conv) followed by the residual block x + conv(relu(conv(x)))."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.widen = ConvNorm(inputs, outputs)
        self.refine = nn.Sequential(ConvNorm(outputs, outputs), nn.ReLU(), ConvNorm(outputs, outputs))
        last = cast(nn.BatchNorm2d, cast(ConvNorm, self.refine[-1])[1])
        nn.init.zeros_(last.weight)  # each block starts as the identity, so that deep nets start easily

    def forward(self, x: Tensor) -> Tensor:  # (B, inputs, H, W)
        """Return feature maps (B, outputs, H, W) of `x` (B, inputs, H, W)."""
        x = self.widen(x).relu()  # (B, outputs, H, W)
        refined: Tensor = self.refine(x)
        return (x + refined).relu()


class CharacterNet(nn.Module):
    """Grey character images to one logit a class and one logit for "this is one character"."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        stem, small, middle, large = config.widths
        side = (config.image_size - 2 * config.margin) // 8
        self.stem = nn.Sequential(
            nn.Conv2d(1, stem, 5, padding=2, bias=False), nn.MaxPool2d(2), nn.BatchNorm2d(stem), nn.ReLU()
        )  # pooled first: the rest of the stem, and its gradient, then costs a quarter
        self.stages = nn.Sequential(
            Stage(stem, small),
            *(nn.MaxPool2d(2), Stage(small, middle)),
            *(nn.MaxPool2d(2), Stage(middle, large)),
        )
        self.dense = nn.Sequential(nn.Flatten(), nn.Linear(large * side * side, config.hidden), nn.ReLU())
        self.classify = nn.Linear(config.hidden, config.classes)
        self.accept = nn.Linear(config.hidden, 1)

    def features(self, images: Tensor) -> Tensor:
        """Return the feature maps (B, large, 3, 3) of images (B, 1, 28, 28), ink 1 on 0."""
        inner = slice(self.config.margin, self.config.image_size - self.config.margin)
        x = (images[..., inner, inner] - self.config.mean) / self.config.std  # (B, 1, 24, 24)
        x = self.stem(x)  # (B, stem, 12, 12)
        maps: Tensor = self.stages(x)  # (B, small, 12, 12) → (B, middle, 6, 6) → (B, large, 3, 3)
        return maps

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return class logits (B, classes) and character logits (B,) of images (B, 1, 28, 28), ink 1 on 0."""
        x = self.dense(self.features(images))  # (B, hidden)
        return self.classify(x), self.accept(x).squeeze(1)
