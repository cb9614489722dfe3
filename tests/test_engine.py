"""The network says the same whether onnxruntime or torch computes it, and either can be missing."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch
from models import LABELS, METRICS, SMALL, network
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from serving import serving

from emnist import Recognizer
from emnist.config import ModelConfig
from emnist.hub import PRETRAINED
from emnist.model import CharacterNet
from emnist.store import load, save
from emnist.weights import tensors

IMAGES: NDArray[np.uint8] = np.random.default_rng(0).integers(0, 256, (150, 28, 28), np.uint8)
IMAGES[IMAGES < 160] = 0


def both(directory: Path) -> tuple[Recognizer, Recognizer]:
    """Return the model in `directory` as onnxruntime computes it, and as torch does."""
    found = Recognizer.from_pretrained(directory), Recognizer(*load(directory))
    assert [type(each.engine).__name__ for each in found] == ["Session", "Eager"]
    return found


@pytest.fixture(scope="module")
def built_in() -> tuple[Recognizer, Recognizer]:
    return both(PRETRAINED)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A drawn 7."""
    image = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(image).line([(50, 40), (150, 40), (90, 160)], fill=0, width=16, joint="curve")
    image.save(tmp_path / "seven.png")
    return tmp_path / "seven.png"


@pytest.fixture
def missing(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A folder for PYTHONPATH that hides the packages asked for."""
    folder = tmp_path / "missing"
    folder.mkdir()
    for name in request.param:
        (folder / f"{name}.py").write_text(f"raise ImportError('no {name} here')\n")
    return str(folder)


@pytest.mark.parametrize("count", [0, 1, 150])
def test_both_give_the_same_probabilities(built_in: tuple[Recognizer, Recognizer], count: int) -> None:
    first, second = (each.probabilities(IMAGES[:count]) for each in built_in)
    assert first.shape == second.shape == (count, 47)
    np.testing.assert_allclose(first, second, atol=1e-4)


@pytest.mark.parametrize("once", [False, True])
def test_both_take_drawings_alike(built_in: tuple[Recognizer, Recognizer], once: bool) -> None:
    (first, score), (second, other) = (each.look(IMAGES, once) for each in built_in)
    np.testing.assert_allclose(np.exp(first), np.exp(second), atol=1e-4)
    np.testing.assert_allclose(score, other, atol=1e-3)


def test_both_show_the_same_maps_and_where_they_looked(built_in: tuple[Recognizer, Recognizer]) -> None:
    first, second = (each.maps(IMAGES[0]) for each in built_in)
    assert [len(each) for each in first] == list(built_in[0].config.widths)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    np.testing.assert_allclose(*(each.attention(IMAGES[0], "A") for each in built_in), atol=1e-3)


def test_both_read_a_picture_alike(built_in: tuple[Recognizer, Recognizer], picture: Path) -> None:
    first, second = (each.predict(picture) for each in built_in)
    assert first.label == second.label == "7"
    assert first.probabilities == pytest.approx(second.probabilities, abs=1e-4)
    assert first.character == pytest.approx(second.character, abs=1e-4)


@pytest.mark.parametrize(
    "change", [{"turns": (0.0,), "margin": 0}, {"turns": (-7.0, 12.0)}, {"mean": 0.3, "std": 0.2, "image_size": 32}]
)
def test_every_configuration_gives_the_same(tmp_path: Path, change: dict[str, object]) -> None:
    config = replace(SMALL, **change)  # type: ignore[arg-type]
    model = network(3, config)
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():  # statistics and weights that are not those of a fresh network
            tensor.add_(0.1 * torch.rand(tensor.shape))
    save(tmp_path, model, LABELS, METRICS)
    images = np.random.default_rng(0).random((20, config.image_size, config.image_size), np.float32)
    np.testing.assert_allclose(*(each.probabilities(images) for each in both(tmp_path)), atol=1e-4)


@pytest.mark.parametrize("config", [ModelConfig(), SMALL, replace(SMALL, image_size=40, margin=3, classes=5)])
def test_the_tensors_asked_for_are_those_of_the_network(config: ModelConfig) -> None:
    types = {torch.float32: "F32", torch.int64: "I64"}
    state = CharacterNet(config).state_dict()
    assert tensors(config) == {key: (types[values.dtype], tuple(values.shape)) for key, values in state.items()}


def told(arguments: list[str], missing: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "emnist", *arguments]
    return subprocess.run(line, env={**os.environ, "PYTHONPATH": missing}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("missing", [["torch"], ["onnxruntime"], ["onnx"]], indirect=True)
def test_the_command_reads_with_either(missing: str, picture: Path) -> None:
    done = told(["predict", "--json", str(picture)], missing)
    assert done.stderr == ""
    assert json.loads(done.stdout)["label"] == "7"


@pytest.mark.parametrize("missing", [["torch"], ["onnxruntime"]], indirect=True)
def test_the_command_reads_several_characters_with_either(missing: str, picture: Path) -> None:
    done = told(["transcribe", "--json", str(picture)], missing)
    assert done.stderr == ""
    assert json.loads(done.stdout)["text"] == "7"


@pytest.mark.parametrize("missing", [["torch", "onnxruntime"]], indirect=True)
def test_without_both_the_command_says_what_to_install(missing: str, picture: Path) -> None:
    done = told(["predict", str(picture)], missing)
    assert done.returncode == 2
    assert done.stderr.startswith("error: nothing computes the network")
    assert "pip install onnx onnxruntime" in done.stderr


@pytest.mark.parametrize("missing", [["torch"]], indirect=True)
def test_the_page_answers_with_all_its_pictures_without_torch(missing: str, tmp_path: Path) -> None:
    question = {"turn": 1, "strokes": [[[0, 0], [60, 0], [20, 100]]], "want": ["steps", "attention", "maps"]}
    with serving(tmp_path / "app", PYTHONPATH=missing) as address:
        body = {"data": [question], "session_hash": "one"}
        answer = httpx.post(f"{address}/gradio_api/run/read", json=body, timeout=60).json()["data"][0]
    assert answer["text"] == "7"
    assert len(answer["attention"]) > 1000
    assert len(answer["maps"]) == 4
