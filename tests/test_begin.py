"""Beginning with an earlier model: known labels keep their output, new ones are fresh, ancestors are remembered."""

from pathlib import Path

import pytest
import torch
from loopback import Loopback
from models import METRICS, model_files, saved

from emnist import ModelError
from emnist.hub import PRETRAINED
from train import begin


def test_any_source_of_a_model_will_do(tmp_path: Path, hub: Loopback) -> None:
    assert begin.load("built-in").labels == begin.load(str(PRETRAINED)).labels
    directory = saved(tmp_path / "mine", metrics=METRICS)
    hub.add("user/model", model_files(directory))
    assert begin.load("user/model").name == "user/model"
    assert begin.load("user/model").training["seed"] == begin.load(str(directory)).training["seed"] == 7
    with pytest.raises(ModelError, match="no model 'gone'"):
        begin.load("gone")


def test_known_labels_answer_as_before_and_new_ones_have_a_place() -> None:
    known = begin.load("built-in")
    labels = (*known.labels, "+", "ñ")
    images = torch.rand(4, 1, 28, 28)
    with torch.no_grad():
        before, accepted = known.model.eval()(images)
        after, still = begin.widened(known, labels).eval()(images)
    assert after.shape == (4, 49)
    assert torch.allclose(after[:, :47], before, atol=1e-5)
    assert torch.equal(still, accepted)


def test_biases_for_drawings_follow_their_labels() -> None:
    known = begin.load("built-in")
    labels = ("+", *reversed(known.labels))
    config = begin.widened(known, labels).config
    drawn = dict(zip(known.labels, known.model.config.drawn, strict=True))
    assert dict(zip(labels, config.drawn, strict=True)) == {"+": 0.0, **drawn}
    assert {labels[i] for i in config.pooled} == {known.labels[i] for i in known.model.config.pooled}
    assert config.prior == ()


def test_what_ancestors_learnt_from_is_remembered() -> None:
    assert begin.exposure({}) == []
    assert begin.exposure({"split": "bymerge", "seed": 0}) == [{"split": "bymerge", "seed": 0}]
    young = {"split": None, "seed": 3, "exposed": [{"split": "bymerge", "seed": 0}]}
    assert begin.exposure(young) == [{"split": "bymerge", "seed": 0}]
