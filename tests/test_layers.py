"""Writing is told from type and from lines on forms of many kinds, and so are the boxes for one character each."""

import shutil
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from safetensors.torch import load_file

from emnist import ModelError, Recognizer
from emnist.text import layers, sequence, sheets
from tests.drawings import STROKES
from train.images import forms, pages
from train.images.words import Hand, compose
from train.text import learn_layers

HAND: Hand = {label: [[np.array(stroke, float) for stroke in strokes]] for label, strokes in STROKES.items()}


def drawn(seed: int) -> tuple[Image.Image, np.ndarray, np.ndarray]:
    return forms.draw(HAND, np.random.default_rng(seed))


def test_the_same_seed_draws_the_same_page() -> None:
    for one, other in zip(drawn(4), drawn(4), strict=True):
        assert np.array_equal(np.asarray(one), np.asarray(other))


@pytest.mark.parametrize("seed", range(8))
def test_a_page_tells_what_is_printed_and_what_is_written(seed: int) -> None:
    picture, owners, middles = drawn(seed)
    assert owners.shape == middles.shape == picture.size[::-1]
    assert set(np.unique(owners)) <= {layers.LINES, layers.TYPE, layers.WRITING}


def test_writing_stays_and_lines_and_type_go() -> None:
    text = compose("EK247", "code", "someone", HAND, np.random.default_rng(3))
    tries = (pages.draw(text, np.random.default_rng(seed), "plain") for seed in range(99))
    picture = next(page for page in tries if page.height > 40)
    page = Image.new(
        "RGB", (picture.picture.width + 200, picture.picture.height + 200), picture.picture.getpixel((0, 0))
    )
    page.paste(picture.picture, (100, 100))
    pen = ImageDraw.Draw(page)
    pen.text((20, 20), "Order number and date:", (30, 30, 30), ImageFont.load_default(24))
    pen.rectangle((60, 70, page.width - 40, page.height - 40), outline=(60, 60, 60), width=3)
    written = np.zeros(page.size[::-1], bool)
    written[100:-100, 100:-100] = picture.owners > 0
    ink = sheets.separate(page).ink
    assert (ink & written).sum() > 0.9 * written.sum()
    assert (ink & ~written).sum() < 0.2 * written.sum()


def test_a_network_learns_from_pages_and_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = compose("EK247", "code", "someone", HAND, np.random.default_rng(3))
    shown = [page for seed in range(4) if (page := learn_layers.page(HAND, text, np.random.default_rng(seed)))]
    assert all(seen.shape == own.shape for seen, own in shown)
    learn_layers.learn(shown, 2, tmp_path / "layers.safetensors")
    monkeypatch.setattr(layers, "FILE", tmp_path / "layers.safetensors")
    seen = layers.see(np.zeros((50, 70), np.float32))
    assert seen.writing.shape == seen.type.shape == seen.boxes.shape == (50, 70)


def test_a_network_goes_on_from_its_weights(tmp_path: Path) -> None:
    text = compose("EK247", "code", "someone", HAND, np.random.default_rng(3))
    page = learn_layers.page(HAND, text, np.random.default_rng(1))
    assert page is not None
    shutil.copy(layers.FILE, tmp_path)
    learn_layers.learn([page], 1, tmp_path / layers.FILE.name, further=True)
    before, after = load_file(layers.FILE), load_file(tmp_path / layers.FILE.name)
    changed = [float((after[name] - value).abs().max()) for name, value in before.items()]
    assert before.keys() == after.keys()
    assert 0 < max(changed) < 0.01


@pytest.mark.parametrize(
    "content", [None, b"", b"\0" * 99, (layers.FILE.with_name("borders.safetensors")).read_bytes()]
)
@pytest.mark.parametrize("network", [layers, sequence], ids=["layers", "sequence"])
def test_a_network_that_is_missing_or_damaged_is_named(
    network: ModuleType, content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "FILE", tmp_path / network.FILE.name)
    if content is not None:
        network.FILE.write_bytes(content)
    picture = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(picture).line([(50, 40), (150, 40), (90, 160)], fill=0, width=16, joint="curve")
    recognizer = Recognizer.from_pretrained()
    with pytest.raises(ModelError, match=rf"^the network emnist/text/{network.FILE.name} is missing or damaged"):
        recognizer.transcribe(picture)
    assert recognizer.predict(picture).label == "7"
