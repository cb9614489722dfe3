"""A model exported as ONNX answers as it does itself, names all that its answers need, and belongs to its weights."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from commands import command
from models import LABELS, METRICS, SMALL, network, run_folder, saved
from numpy.typing import NDArray

from emnist import Recognizer
from emnist.errors import ModelError
from emnist.files import METRICS as METRICS_FILE
from emnist.files import ONNX, WEIGHTS
from emnist.hub import PRETRAINED
from emnist.store import load, save
from train.publish.export import export, model, without_views
from train.publish.push import plan

IMAGES: NDArray[np.uint8] = np.random.default_rng(0).integers(0, 256, (1000, 28, 28), np.uint8)
IMAGES[IMAGES < 128] = 0


def ask(file: bytes, images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return probabilities (N, C) and character scores (N,) of a file."""
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    logits, character = session.run(
        ["logits", "character"], {"images": images[:, None].astype(np.float32) / np.float32(255)}
    )
    odds = np.exp(logits - logits.max(1, keepdims=True))
    return odds / odds.sum(1, keepdims=True), character


@pytest.mark.parametrize("count", [1, 1000])
def test_the_built_in_model_answers_the_same_as_onnx(count: int) -> None:
    probabilities, character = ask(model(PRETRAINED), IMAGES[:count])
    recognizer = Recognizer.from_pretrained()
    np.testing.assert_allclose(probabilities, recognizer.probabilities(IMAGES[:count]), atol=1e-4)
    score = recognizer.read(replace(recognizer.predict(IMAGES[0]).steps, image=IMAGES[0])).character
    assert character[0] == pytest.approx(score, abs=1e-4)


@pytest.mark.shared
def test_the_built_in_model_answers_the_same_on_scans(shared: Path) -> None:
    images = np.load(shared / "scans" / "emnist.npz")
    pixels = images[images.files[0]][:1000].reshape(-1, 28, 28)
    probabilities, _ = ask(model(PRETRAINED), pixels)
    np.testing.assert_allclose(probabilities, Recognizer.from_pretrained().probabilities(pixels), atol=1e-4)


@pytest.mark.parametrize(
    "change",
    [{"turns": (0.0,), "margin": 0}, {"turns": (-7.0, 12.0)}, {"temperature": 0.5, "mean": 0.3, "std": 0.2}],
    ids=["one view", "no upright view", "numbers"],
)
def test_every_configuration_answers_the_same_as_onnx(tmp_path: Path, change: dict[str, object]) -> None:
    other = network(3, replace(SMALL, **change))  # type: ignore[arg-type]
    for tensor in other.state_dict().values():
        if tensor.is_floating_point():  # statistics and weights that are not those of a fresh network
            tensor.add_(0.1 * torch.rand(tensor.shape))
    save(tmp_path, other, LABELS, METRICS)
    probabilities, _ = ask(model(tmp_path), IMAGES[:50])
    np.testing.assert_allclose(probabilities, Recognizer(*load(tmp_path)).probabilities(IMAGES[:50]), atol=1e-4)


def test_the_file_alone_tells_labels_thresholds_and_opset(tmp_path: Path) -> None:
    file = model(PRETRAINED)
    assert len(file) < 8_100_000
    read = onnx.load_from_string(file)
    facts = {each.key: json.loads(each.value) for each in read.metadata_props}
    config, labels = Recognizer.from_pretrained().config, Recognizer.from_pretrained().labels
    assert tuple(facts["labels"]) == labels
    for key in ("accept", "temperature"):
        assert facts[key] == getattr(config, key)
    for key in ("drawn", "pooled", "prior", "turns"):
        assert tuple(facts[key]) == getattr(config, key)
    assert [(each.domain, each.version) for each in read.opset_import] == [("", 18)]
    assert b"/" not in re.sub(rb'"[^"]*"', b"", read.graph.node[0].SerializeToString())  # no path of the exporter's


def test_the_same_weights_give_the_same_bytes(tmp_path: Path) -> None:
    assert model(saved(tmp_path / "a")) == model(saved(tmp_path / "b"))


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder.onnx").mkdir()
    with pytest.raises(IsADirectoryError) as refused:
        export(saved(tmp_path / "run"), tmp_path / "folder.onnx")
    assert refused.value.filename == str(tmp_path / "folder.onnx")  # not a name that only the program knows


@pytest.mark.parametrize("name", ["run/model.safetensors", "photo.jpg", "model"])
def test_a_file_of_another_kind_is_not_overwritten(tmp_path: Path, name: str) -> None:
    run = saved(tmp_path / "run")
    (tmp_path / name).touch()
    before = (tmp_path / name).read_bytes()
    with pytest.raises(ValueError, match=r"does not end in \.onnx"):
        export(run, tmp_path / name)
    assert (tmp_path / name).read_bytes() == before


def test_export_writes_beside_the_weights_and_metrics_vouch_for_it(tmp_path: Path) -> None:
    run = saved(tmp_path / "run")
    file = export(run)
    assert file == run / ONNX
    load(run)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match=rf"{ONNX} is not the file metrics\.json describes"):
        load(run)


def test_a_model_without_onnx_still_loads(tmp_path: Path) -> None:
    run = saved(tmp_path / "run")
    export(run).unlink()  # metrics.json names it, as where only the weights were pulled
    load(run)


def test_saving_the_same_weights_again_keeps_the_file_and_others_delete_it(tmp_path: Path) -> None:
    run = saved(tmp_path / "run")
    export(run)
    saved(run, metrics={**METRICS, "results": []})
    load(run)
    assert ONNX in json.loads((run / METRICS_FILE).read_text())["files"]
    saved(run, seed=1)
    assert not (run / ONNX).exists()


def test_push_adds_the_file_and_its_checksum(tmp_path: Path) -> None:
    run = run_folder(tmp_path / "run")
    uploads = {upload.path: upload.content for upload in plan(run, "user/model")}
    for path in (WEIGHTS, "config.json", "label_map.json", METRICS_FILE, ONNX):
        (tmp_path / "pulled" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pulled" / path).write_bytes(uploads[path])
    load(tmp_path / "pulled")
    assert uploads[ONNX] == model(run)
    export(run)
    again = {upload.path: upload.content for upload in plan(run, "user/model")}
    assert again == uploads


def test_a_file_of_other_weights_is_refused_at_push(tmp_path: Path) -> None:
    run = run_folder(tmp_path / "run")
    (run / ONNX).parent.mkdir()
    (run / ONNX).write_bytes(model(saved(tmp_path / "other", seed=1)))
    with pytest.raises(ModelError, match="is not what export makes of these weights"):
        plan(run, "user/model")


def test_the_command_writes_the_file_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run, file = saved(tmp_path / "run"), tmp_path / "elsewhere" / "digits.onnx"
    assert command(monkeypatch, "export", str(run), "--onnx", str(file)) == 0
    assert capsys.readouterr().out == f"{file}: {file.stat().st_size:,} bytes\n"
    assert file.read_bytes() == model(run)
    assert not (run / ONNX).exists()
    assert command(monkeypatch, "export", str(tmp_path / "nowhere")) == 2
    assert "no such directory" in capsys.readouterr().err


def test_the_example_on_the_card_runs_with_onnxruntime_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    card = next(
        upload.content.decode() for upload in plan(run_folder(tmp_path), "user/model") if "README" in upload.path
    )
    example = next(code for code in re.findall(r"```python\n(.*?)```", card, re.S) if "onnxruntime" in code)
    export(tmp_path)
    monkeypatch.chdir(tmp_path)
    exec(example, {})
    assert re.fullmatch(r"[0-9] 0\.\d+ 0\.\d+\n", capsys.readouterr().out)


def test_the_network_alone_says_the_same_without_the_views(tmp_path: Path) -> None:
    run = saved(tmp_path)
    session = onnxruntime.InferenceSession(without_views(run), providers=["CPUExecutionProvider"])
    images = torch.rand(5, 1, 28, 28)
    outputs = session.run(["classes", "characters", "maps_0", "maps_3"], {"seen": images.numpy()})
    network, labels = load(run)
    with torch.inference_mode():
        logits, character = network(images)
        features = network.features(images)
    np.testing.assert_allclose(outputs[0], logits, atol=1e-5)
    np.testing.assert_allclose(outputs[1][:, 0], character, atol=1e-5)
    assert outputs[2].shape == (5, 4, 12, 12)
    np.testing.assert_allclose(outputs[3], features, atol=1e-5)
    facts = session.get_modelmeta().custom_metadata_map
    assert tuple(json.loads(facts["labels"])) == labels
