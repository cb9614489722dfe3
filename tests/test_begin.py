"""Beginning with an earlier model: known labels keep their output, new ones are fresh, ancestors are remembered."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from loopback import Loopback
from models import METRICS, model_files, saved

from emnist import ModelError
from emnist.hub import PRETRAINED
from train import begin, teacher
from train.config import RECIPES, FitConfig
from train.images.batch import Batch, smoothed
from train.images.batches import Batches
from train.images.data import Images
from train.images.sources import Sources


def test_any_source_of_a_model_will_do(tmp_path: Path, hub: Loopback) -> None:
    assert begin.load("built-in").labels == begin.load(str(PRETRAINED)).labels
    directory = saved(tmp_path / "mine", metrics=METRICS)
    assert (begin.load("built-in").name, begin.load(str(directory)).name) == ("built-in", "mine")
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


def test_pictures_of_a_label_that_the_model_did_not_know_keep_it() -> None:
    known = begin.load("built-in")
    labels = (*known.labels, "c")
    reminder = begin.reminder(begin.widened(known, labels), labels, known.labels)
    truth = torch.tensor([47, 12])
    batch = Batch(torch.rand(2, 1, 28, 28), smoothed(truth, 48, 0.1), torch.ones(2, 48), size=2, characters=2, known=2)
    config = FitConfig(out=Path("run"), teaching=1.0, precision="float32")
    taught = teacher.taught(batch, [reminder], config).targets
    assert torch.equal(taught[0], batch.targets[0])
    answer = (reminder(batch.images)[0][1] / reminder.config.temperature).softmax(0)
    assert torch.allclose(taught[1], answer, atol=1e-5)


def test_a_new_label_is_counted_as_often_as_a_batch_shows_it(tmp_path: Path) -> None:
    known = begin.load("built-in").labels
    own = Images(torch.zeros(5, 28, 28, dtype=torch.uint8), torch.full((5,), 47))
    emnist = Images(torch.zeros(47, 28, 28, dtype=torch.uint8), torch.arange(47))
    strange = torch.zeros(9, 28, 28, dtype=torch.uint8)
    sources = Sources((*known, "+"), own, own, None, None, strange, {}, "own", emnist)
    config = FitConfig(out=tmp_path / "run", data=tmp_path, initial="built-in", **RECIPES["adapt"])
    batches = Batches.plan(config, sources, known=known)
    share = batches.size / config.batch
    assert batches.over_known[47].item() == pytest.approx((share / ((1 - share) / 47)) ** 0.5)
    assert torch.equal(batches.over_known[:47], torch.ones(47))
    assert torch.equal(Batches.plan(config, sources, known=(*known, "+")).over_known, torch.ones(48))
    alone = Batches.plan(config, replace(sources, replay=None), known=known)
    assert torch.equal(alone.over_known, torch.ones(48))
