"""The turned views: what is turned, and that the answer is their mean."""

import torch
from models import network

from emnist import views


def test_no_turn_leaves_the_images_as_they_are() -> None:
    images = torch.rand(2, 1, 28, 28)
    assert torch.equal(views.turn(images, 0), images)


def test_a_quarter_turn_is_a_quarter_turn_counter_clockwise() -> None:
    images = torch.rand(2, 1, 28, 28)
    assert torch.allclose(views.turn(images, 90), images.rot90(1, (2, 3)), atol=1e-4)


def test_the_answer_is_the_mean_over_the_views() -> None:
    model, images = network(), torch.rand(3, 1, 28, 28)
    classes, character = views.logits(model, images)
    each = [model(views.turn(images, degrees)) for degrees in model.config.turns]
    assert torch.allclose(classes, torch.stack([logits for logits, _ in each]).mean(0), atol=1e-4)
    assert torch.allclose(character, torch.stack([score for _, score in each]).mean(0), atol=1e-4)
