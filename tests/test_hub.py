"""Model directories are saved whole, loaded strictly, and pulled from the Hub or its cache."""

import json
import pickle
import struct
from pathlib import Path

import pytest
import torch
from hub import READER
from loopback import Loopback
from models import LABELS, METRICS, SMALL, logits, network, saved
from safetensors.torch import load_file, save_file

from emnist.errors import ModelError
from emnist.files import CONFIG, FILES, LABEL_MAP, WEIGHTS
from emnist.files import METRICS as METRICS_FILE
from emnist.hub import PRETRAINED, load, newest, pull, resolve, save
from emnist.model import CharacterNet, ModelConfig


def model_files(directory: Path) -> dict[str, bytes]:
    return {name: (directory / name).read_bytes() for name in FILES}


def unsealed(directory: Path) -> Path:
    """Take the checksums out of metrics.json, so that the other checks have to find the damage."""
    (directory / METRICS_FILE).write_text("{}")
    return directory


# Saving and loading


def test_a_saved_model_loads_with_the_same_weights_labels_and_answers(tmp_path: Path) -> None:
    model = network()
    save(tmp_path / "run", model, LABELS, METRICS)
    loaded, labels = load(tmp_path / "run")
    assert labels == tuple(LABELS)
    assert loaded.config == SMALL
    assert not loaded.training
    assert torch.equal(logits(loaded), logits(model))


def test_loading_leaves_the_random_generator_alone(tmp_path: Path) -> None:
    saved(tmp_path)
    torch.manual_seed(3)
    before = torch.rand(4)
    torch.manual_seed(3)
    load(tmp_path)
    assert torch.equal(torch.rand(4), before)


def test_the_directory_holds_plain_files_and_the_weights_are_safetensors(tmp_path: Path) -> None:
    saved(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    assert json.loads((tmp_path / LABEL_MAP).read_text()) == {str(i): label for i, label in enumerate(LABELS)}
    assert json.loads((tmp_path / METRICS_FILE).read_text())["training"]["seed"] == 7
    assert set(load_file(tmp_path / WEIGHTS)) == set(network().state_dict())


def test_saving_replaces_the_model_that_was_there(tmp_path: Path) -> None:
    saved(tmp_path, seed=0)
    saved(tmp_path, seed=1)
    assert torch.equal(logits(load(tmp_path)[0]), logits(network(1)))


@pytest.mark.parametrize("labels", [LABELS[:-1], "0123456780", "012345678\n"], ids=["few", "twice", "newline"])
def test_a_save_that_could_not_be_loaded_is_refused_and_leaves_the_old_files(tmp_path: Path, labels: str) -> None:
    saved(tmp_path)
    before = model_files(tmp_path)
    with pytest.raises(ModelError):
        save(tmp_path, network(1), labels, METRICS)
    assert model_files(tmp_path) == before
    assert len(list(tmp_path.iterdir())) == len(FILES)


def test_weights_with_a_nan_are_not_saved(tmp_path: Path) -> None:
    model = network()
    model.classify.bias.data[0] = float("nan")
    with pytest.raises(ModelError, match=r"classify\.bias holds NaN"):
        save(tmp_path, model, LABELS, METRICS)
    assert not list(tmp_path.iterdir())


def test_metrics_with_a_nan_are_not_saved(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        save(tmp_path, network(), LABELS, {"top1": float("nan")})
    assert not list(tmp_path.iterdir())


# Strictness


@pytest.mark.parametrize("name", [WEIGHTS, CONFIG, LABEL_MAP])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    saved(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ModelError, match=f"{name} is missing"):
        load(tmp_path)


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such directory"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("name", [WEIGHTS, CONFIG, LABEL_MAP])
def test_any_flipped_byte_is_noticed(tmp_path: Path, name: str) -> None:
    saved(tmp_path)
    content = bytearray((tmp_path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=name):
        load(tmp_path)


def test_the_label_map_of_another_model_is_noticed(tmp_path: Path) -> None:
    saved(tmp_path)
    swapped = {str(i): label for i, label in enumerate(reversed(LABELS))}
    (tmp_path / LABEL_MAP).write_text(json.dumps(swapped))
    with pytest.raises(ModelError, match=r"label_map\.json is not the file metrics\.json describes"):
        load(tmp_path)


def test_a_model_without_metrics_loads(tmp_path: Path) -> None:
    saved(tmp_path)
    (tmp_path / METRICS_FILE).unlink()
    assert load(tmp_path)[1] == tuple(LABELS)


WRONG_CONFIGS = {
    "classes": [0, 1, -10, 10.0, "10", True, None, [10], 10**30],
    "image_size": [0, 7, 28.5, 10**9],
    "widths": [[4, 4, 8], [4, 4, 8, 0], [4, 4, 8, 8.0], [4, 4, 8, True], 4, [4, 4, 8, 10**12], "4488"],
    "hidden": [0, 10**15, "16", False],
    "mean": ["0.1", None, True, -0.1, 1.5],
    "std": [0, -1, 1e9],
    "temperature": [0, -1, 1e400],
    "accept": [-0.1, 1.1],
    "prior": [[0.5, 0.5], [0.2] * 10, ["a"] * 10, 1, None, [-0.1, 1.1] + [0.0] * 8],
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in WRONG_CONFIGS.items() for value in values])
def test_a_wrong_value_in_the_configuration_is_named(tmp_path: Path, key: str, value: object) -> None:
    unsealed(saved(tmp_path))
    content = json.loads((tmp_path / CONFIG).read_text())
    (tmp_path / CONFIG).write_text(json.dumps({**content, key: value}))
    with pytest.raises(ModelError, match=rf"config\.json: {key}"):
        load(tmp_path)


def test_nan_in_the_configuration_is_refused(tmp_path: Path) -> None:
    unsealed(saved(tmp_path))
    text = (tmp_path / CONFIG).read_text().replace("0.1736", "NaN")
    (tmp_path / CONFIG).write_text(text)
    with pytest.raises(ModelError, match="mean is nan"):
        load(tmp_path)


@pytest.mark.parametrize("change", [{"dropout": 0.1}, {"hidden": None}], ids=["unknown", "missing"])
def test_unknown_and_missing_keys_are_errors(tmp_path: Path, change: dict[str, object]) -> None:
    unsealed(saved(tmp_path))
    content = json.loads((tmp_path / CONFIG).read_text()) | change
    (tmp_path / CONFIG).write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    with pytest.raises(ModelError, match=f"keys {next(iter(change))}"):
        load(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "\ud83d", "[" * 100_000, '{"0": "0"}'])
@pytest.mark.parametrize("name", [CONFIG, LABEL_MAP])
def test_json_that_is_none_is_refused(tmp_path: Path, name: str, text: str) -> None:
    unsealed(saved(tmp_path))
    (tmp_path / name).write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(ModelError, match=name):
        load(tmp_path)


@pytest.mark.parametrize(
    "change",
    [{"9": "99"}, {"9": ""}, {"9": 9}, {"9": "8"}, {"10": "x"}, {"9": "\n"}, {"nine": "9"}],
    ids=["two characters", "empty", "number", "twice", "too many", "control", "key"],
)
def test_label_maps_that_are_none_are_refused(tmp_path: Path, change: dict[str, object]) -> None:
    unsealed(saved(tmp_path))
    content = json.loads((tmp_path / LABEL_MAP).read_text())
    (tmp_path / LABEL_MAP).write_text(json.dumps({**content, **change}))
    with pytest.raises(ModelError, match="label_map"):
        load(tmp_path)


def weights(directory: Path, **changes: torch.Tensor | None) -> None:
    tensors = {**load_file(directory / WEIGHTS), **{key.replace("__", "."): value for key, value in changes.items()}}
    save_file({key: tensor for key, tensor in tensors.items() if tensor is not None}, directory / WEIGHTS)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"accept__bias": None}, r"lacks the tensor 'accept\.bias'"),
        ({"extra": torch.ones(1)}, "besides the model's the tensor 'extra'"),
        ({"accept__bias": torch.ones(2)}, r"accept\.bias is"),
        ({"accept__bias": torch.ones(1, dtype=torch.float16)}, r"accept\.bias is"),
        ({"accept__bias": torch.tensor([float("nan")])}, r"accept\.bias holds NaN"),
        ({"stem__1__running_var": -torch.ones(4)}, "answers NaN"),
    ],
    ids=["missing", "extra", "shape", "dtype", "nan", "variance"],
)
def test_weights_that_do_not_fit_are_refused(
    tmp_path: Path, change: dict[str, torch.Tensor | None], reason: str
) -> None:
    unsealed(saved(tmp_path))
    weights(tmp_path, **change)
    with pytest.raises(ModelError, match=reason):
        load(tmp_path)


def test_the_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    save(tmp_path, network(), LABELS, METRICS)
    save(tmp_path / "other", CharacterNet(ModelConfig(classes=10)), LABELS, METRICS)
    unsealed(tmp_path)
    (tmp_path / WEIGHTS).write_bytes((tmp_path / "other" / WEIGHTS).read_bytes())
    with pytest.raises(ModelError, match=r"config\.json needs"):
        load(tmp_path)


def test_a_configuration_of_a_giant_is_refused_before_anything_is_allocated(tmp_path: Path) -> None:
    unsealed(saved(tmp_path))
    content = json.loads((tmp_path / CONFIG).read_text())
    giant = {"classes": 10, "widths": [2048] * 4, "hidden": 65_536, "image_size": 64}  # 34 GB in its largest layer
    (tmp_path / CONFIG).write_text(json.dumps({**content, **giant}))
    with pytest.raises(ModelError, match=r"config\.json needs"):
        load(tmp_path)


HOSTILE = {
    "empty": b"",
    "pickle": pickle.dumps({"weights": [1, 2, 3]}),
    "zip": b"PK\x03\x04" + bytes(100),
    "huge header": struct.pack("<Q", 2**60) + b"{}",
    "no header": struct.pack("<Q", 100) + b"x" * 100,
    "header only": struct.pack("<Q", 2) + b"{}",
    "offsets": struct.pack("<Q", 68) + b'{"a":{"dtype":"F32","shape":[1000000],"data_offsets":[0,4000000]}}  ',
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_weights_that_are_no_safetensors_file_are_refused(tmp_path: Path, content: bytes) -> None:
    unsealed(saved(tmp_path))
    (tmp_path / WEIGHTS).write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.safetensors"):
        load(tmp_path)


def test_truncated_weights_are_refused(tmp_path: Path) -> None:
    unsealed(saved(tmp_path))
    content = (tmp_path / WEIGHTS).read_bytes()
    (tmp_path / WEIGHTS).write_bytes(content[:-100])
    with pytest.raises(ModelError, match="damaged"):
        load(tmp_path)


# Which model


def test_without_a_source_the_built_in_model_is_meant() -> None:
    assert resolve() == PRETRAINED


def test_a_directory_is_taken_as_it_is(tmp_path: Path) -> None:
    assert resolve(tmp_path) == tmp_path
    assert resolve(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("source", ["nowhere", "a/b/c", "user/repo@", "user name/repo", ""])
def test_what_is_neither_a_directory_nor_a_repository_is_refused(source: str) -> None:
    with pytest.raises(ModelError, match="user/repo"):
        resolve(source)


def test_a_directory_has_no_revisions(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is a directory"):
        resolve(tmp_path, revision="main")


# Pulling


def test_a_pulled_model_answers_like_the_saved_one_and_only_needed_files_come(hub: Loopback, tmp_path: Path) -> None:
    files = model_files(saved(tmp_path))
    hub.add("user/model", {**files, "pytorch_model.bin": b"pickle", "README.md": b"card", "figures/a.png": b"png"})
    pulled = pull("user/model")
    assert torch.equal(logits(load(pulled)[0]), logits(network()))
    assert sorted(path.name for path in pulled.iterdir()) == sorted(FILES)
    assert not any("pytorch_model" in request or "README" in request for request in hub.requests)


def test_a_revision_is_a_branch_a_tag_a_pull_request_or_a_commit(hub: Loopback, tmp_path: Path) -> None:
    repo = hub.add("user/model", model_files(saved(tmp_path / "old", seed=0)))
    old = repo.refs["main"]
    new = hub.add("user/model", model_files(saved(tmp_path / "new", seed=1))).refs["main"]
    repo.commits |= hub.repos["models/user/model"].commits
    repo.refs |= {"main": new, "v1": old, "refs/pr/1": old}
    hub.repos["models/user/model"] = repo
    for source in ("user/model@v1", "user/model@refs/pr/1", f"user/model@{old}"):
        assert torch.equal(logits(load(resolve(source))[0]), logits(network(0)))
    assert torch.equal(logits(load(resolve("user/model"))[0]), logits(network(1)))
    assert newest("user/model") == new
    assert newest("user/model", "v1") == old


def test_a_second_pull_downloads_nothing_and_a_pinned_commit_asks_nothing(hub: Loopback, tmp_path: Path) -> None:
    commit = hub.add("user/model", model_files(saved(tmp_path))).refs["main"]
    pull("user/model")
    hub.requests.clear()
    pull("user/model")
    assert hub.requests == ["GET /api/models/user/model/revision/main"]
    hub.requests.clear()
    pull("user/model", commit)
    assert hub.requests == []


def test_with_the_hub_down_the_cache_answers(hub: Loopback, tmp_path: Path) -> None:
    hub.add("user/model", model_files(saved(tmp_path)))
    pull("user/model")
    with hub.down():
        assert torch.equal(logits(load(pull("user/model"))[0]), logits(network()))
        assert newest("user/model") is None


def test_with_the_hub_down_and_nothing_cached_the_error_says_so(hub: Loopback) -> None:
    with hub.down(), pytest.raises(ModelError, match=r"user/model: the Hub cannot be reached.*cache"):
        pull("user/model")


def test_a_new_revision_is_pulled_and_the_old_one_stays(hub: Loopback, tmp_path: Path) -> None:
    repo = hub.add("user/model", model_files(saved(tmp_path / "old", seed=0)))
    old = pull("user/model")
    hub.change("user/model", model_files(saved(tmp_path / "new", seed=1)))
    new = pull("user/model")
    assert new != old
    assert new.name == repo.refs["main"]
    assert torch.equal(logits(load(old)[0]), logits(network(0)))
    assert torch.equal(logits(load(new)[0]), logits(network(1)))


@pytest.mark.usefixtures("hasty")
def test_a_download_that_broke_off_is_completed(hub: Loopback, tmp_path: Path) -> None:
    hub.add("user/model", model_files(saved(tmp_path)))
    hub.cut("GET /cdn/", after=5000)
    assert torch.equal(logits(load(pull("user/model"))[0]), logits(network()))
    assert sum(request.startswith("GET /cdn/") for request in hub.requests) == 2


@pytest.mark.usefixtures("hasty")
def test_a_pull_that_failed_half_way_is_completed_by_the_next(hub: Loopback, tmp_path: Path) -> None:
    hub.add("user/model", model_files(saved(tmp_path)))
    hub.cut("GET /cdn/", after=0, times=99)
    with pytest.raises(ModelError, match="cannot be reached"):
        pull("user/model")
    hub.faults.clear()
    assert torch.equal(logits(load(pull("user/model"))[0]), logits(network()))


@pytest.mark.usefixtures("hasty")
def test_a_half_pulled_model_is_not_taken_for_a_whole_one(hub: Loopback, tmp_path: Path) -> None:
    hub.add("user/model", model_files(saved(tmp_path)))
    hub.cut("GET /cdn/", after=0, times=99)
    with pytest.raises(ModelError):
        pull("user/model")
    with hub.down(), pytest.raises(ModelError, match="cache"):
        pull("user/model")


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("status", "advice"),
    [(401, "HF_TOKEN"), (403, "permission"), (404, "check the name"), (429, "few minutes"), (500, "try again later")],
)
def test_an_answer_other_than_success_is_explained_in_one_line(hub: Loopback, status: int, advice: str) -> None:
    hub.add("user/model")
    hub.fail("GET /api/models/user/model", status, times=99)
    with pytest.raises(ModelError, match=advice) as caught:
        pull("user/model")
    assert f"HTTP {status}" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert newest("user/model") is None


@pytest.mark.usefixtures("hasty")
def test_a_hub_in_trouble_does_not_hide_the_cache(hub: Loopback, tmp_path: Path) -> None:
    hub.add("user/model", model_files(saved(tmp_path)))
    pull("user/model")
    hub.fail("/api/", 500, times=99)
    assert torch.equal(logits(load(pull("user/model"))[0]), logits(network()))


def test_unknown_repositories_and_revisions_are_explained(hub: Loopback) -> None:
    hub.add("user/model")
    with pytest.raises(ModelError, match=r"user/nothing: no such repository.*HTTP 404"):
        pull("user/nothing")
    with pytest.raises(ModelError, match="no such revision"):
        pull("user/model", "v9")
    with pytest.raises(ModelError, match="write user/repo"):
        pull("user/--")


def test_a_private_model_needs_a_token(hub: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add("user/model", model_files(saved(tmp_path)), private=True)
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(ModelError, match="HF_TOKEN"):
        pull("user/model")
    monkeypatch.setenv("HF_TOKEN", READER)
    assert load(pull("user/model"))[1] == tuple(LABELS)


def test_a_repository_of_pickled_weights_is_refused_with_the_reason(hub: Loopback, tmp_path: Path) -> None:
    files = model_files(saved(tmp_path))
    del files[WEIGHTS]
    hub.add("user/model", {**files, "pytorch_model.bin": pickle.dumps({})})
    with pytest.raises(ModelError, match="pickled weights are never read"):
        load(pull("user/model"))


def test_a_repository_without_a_model_is_refused(hub: Loopback) -> None:
    hub.add("user/model", {"README.md": b"nothing here"})
    with pytest.raises(ModelError, match="holds none of"):
        pull("user/model")
