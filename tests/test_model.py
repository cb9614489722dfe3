"""The network: shapes, gradients, and answers that stay the same."""

from dataclasses import replace

import pytest
import torch
from models import SMALL, logits, network

from emnist import CharacterNet, ModelConfig

GOLDEN = {  # expected logits, by margin
    0: [4.5690, 19.8399, 5.8041, -14.7821, -9.2418, 13.0003, 15.7198, -6.0032, -17.6671, -0.2852],
    2: [4.0009, 8.9084, 1.9339, -5.4219, -1.5713, 6.7544, 5.5135, -3.9012, -6.6074, 2.1032],
}


@pytest.mark.parametrize("classes", [10, 26, 47, 62])
def test_the_network_gives_a_logit_a_class_and_one_for_being_a_character(classes: int) -> None:
    which, character = network(config=replace(SMALL, classes=classes))(torch.rand(3, 1, 28, 28))
    assert which.shape == (3, classes)
    assert character.shape == (3,)


def test_the_default_network_has_under_two_million_parameters() -> None:
    assert sum(p.numel() for p in CharacterNet(ModelConfig()).parameters()) == 1_985_872


def test_every_parameter_receives_a_gradient() -> None:
    model = network().train()
    for stage in model.stages[::2]:  # zero at the start, these would block what lies before
        torch.nn.init.ones_(stage.refine[-1][1].weight)
    which, character = model(torch.rand(8, 1, 28, 28))
    (which.square().sum() + character.square().sum()).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_a_block_starts_as_the_identity() -> None:
    stage = CharacterNet(ModelConfig()).eval().stages[0]
    x = torch.rand(2, 32, 14, 14)
    assert torch.equal(stage(x), stage.widen(x).relu())


def test_what_is_in_the_margin_does_not_matter() -> None:
    model, images = network(), torch.rand(4, 1, 28, 28)
    inside = torch.zeros_like(images)
    inside[..., 2:-2, 2:-2] = images[..., 2:-2, 2:-2]
    assert torch.equal(model(images)[0], model(inside)[0])


def test_the_normalisation_is_inside_the_network() -> None:
    same, shifted = network(config=SMALL), network(config=replace(SMALL, mean=0.5, std=0.1))
    images = torch.rand(4, 1, 28, 28)
    scaled = (images - SMALL.mean) / SMALL.std * 0.1 + 0.5
    assert torch.allclose(same(images)[0], shifted(scaled)[0], atol=1e-4)


@pytest.mark.parametrize("margin", GOLDEN)
def test_a_network_of_known_weights_answers_as_it_always_did(margin: int) -> None:
    model = network(config=replace(SMALL, margin=margin))
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(
                torch.sin(torch.arange(p.numel()) * 0.7).view(p.shape) / max(p[0].numel(), 1) ** 0.5 + (p.ndim == 1)
            )
    assert torch.allclose(logits(model)[0], torch.tensor(GOLDEN[margin]), atol=1e-3)
