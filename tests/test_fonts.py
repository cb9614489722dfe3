"""Characters of fonts as further hands: which are taken, how they are drawn, and that training learns from them."""

import shutil
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import torch
from training import config

from emnist import Recognizer
from emnist.labels import SPLITS
from train.images import fonts, sources
from train.images.fonts import Glyph

DEJAVU = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
LABELS = SPLITS["bymerge"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(DEJAVU / "DejaVuSansMono.ttf", tmp_path)
    return tmp_path


def test_every_letter_of_a_font_is_folded_into_the_labels(folder: Path) -> None:
    found = fonts.read(folder, LABELS)
    assert len(found) == 62
    assert {glyph.label for glyph in found} == set(LABELS)
    assert {glyph.font for glyph in found} == {"DejaVuSansMono"}
    assert [glyph.label for glyph in fonts.read(folder, "0123456789")] == list("0123456789")


def test_hairlines_are_widened(folder: Path) -> None:
    shutil.copy(DEJAVU / "STIXGeneral.ttf", folder)
    for glyph in fonts.read(folder, "0123456789"):
        assert glyph.ink.mean() > 0.1


def test_what_the_model_cannot_make_out_is_left_out(folder: Path) -> None:
    model = Recognizer.from_pretrained()
    read = fonts.read(folder, LABELS)
    kept = fonts.readable(read, model)
    assert len(kept) > 55
    ink = next(glyph.ink for glyph in read if glyph.label == "W")
    wrong = [Glyph("5", "DejaVuSansMono", ink), *kept]
    assert len(fonts.readable(wrong, model)) == len(kept)
    assert fonts.readable([Glyph(label, "flourishes", ink) for label in LABELS], model) == []


def test_copies_differ_and_are_the_same_for_the_same_seed(folder: Path) -> None:
    images = fonts.load(folder, tuple("0123456789"), 3, seed=1)
    assert images.pixels.shape == (3 * len(images.labels.unique()), 28, 28)
    assert not torch.equal(images.pixels[0], images.pixels[1])
    assert torch.equal(images.pixels, fonts.load(folder, tuple("0123456789"), 3, seed=1).pixels)


def test_drawn_copies_are_still_read(folder: Path) -> None:
    images = fonts.load(folder, LABELS, 1, seed=2)
    seen = Recognizer.from_pretrained().look(images.pixels.numpy())[0]
    assert (np.argsort(-seen, axis=1)[:, :3] == images.labels.numpy()[:, None]).any(1).mean() > 0.9


def test_fonts_join_what_is_learnt_from(data: Path, folder: Path, tmp_path: Path, few_negatives: None) -> None:
    found = sources.load(config(data, tmp_path / "run", fonts=folder))
    assert found.sketches is not None
    assert len(found.sketches) % sources.STROKE_COPIES == 0
    assert found.sketches_validation is None


@pytest.mark.parametrize("content", [None, b"no font"])
def test_a_folder_without_fonts_is_refused_with_what_to_put_there(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "letter.txt").write_bytes(content)
    with pytest.raises(ValueError, match="TTF, OTF"):
        fonts.read(tmp_path, LABELS)
