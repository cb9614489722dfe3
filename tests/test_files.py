"""Model directories are saved whole and loaded strictly: whatever is wrong with a file is named."""

import json
import os
import pickle
import shutil
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from meter import forget_peak, resident
from models import LABELS, METRICS, SMALL, logits, model_files, network, saved
from safetensors.torch import load_file, save_file

from emnist import Recognizer
from emnist.config import ModelConfig
from emnist.errors import ModelError
from emnist.files import CONFIG, FILES, LABEL_MAP, WEIGHTS
from emnist.files import METRICS as METRICS_FILE
from emnist.hub import PRETRAINED
from emnist.model import CharacterNet
from emnist.store import load, save


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
    "margin": [-1, 11, 2.0, 10**9],
    "widths": [[4, 4, 8], [4, 4, 8, 0], [4, 4, 8, 8.0], [4, 4, 8, True], 4, [4, 4, 8, 10**12], "4488"],
    "hidden": [0, 10**15, "16", False],
    "pooled": [[0, 0], [10], [-1], [0.5], 0],
    "turns": [[], [0.0] * 10, [90.0], [float("nan")], 0.0],
    "mean": ["0.1", None, True, -0.1, 1.5, float("nan")],
    "std": [0, -1, 1e9],
    "temperature": [0, -1, 1e400],
    "accept": [-0.1, 1.1],
    "drawn": [[0.5, 0.5], ["a"] * 10, [99] * 10, 1, None],
    "prior": [[0.5, 0.5], [0.2] * 10, ["a"] * 10, 1, None, [-0.1, 1.1] + [0.0] * 8],
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in WRONG_CONFIGS.items() for value in values])
def test_a_wrong_value_in_the_configuration_is_named(tmp_path: Path, key: str, value: object) -> None:
    unsealed(saved(tmp_path))
    content = json.loads((tmp_path / CONFIG).read_text())
    (tmp_path / CONFIG).write_text(json.dumps({**content, key: value}))
    with pytest.raises(ModelError, match=rf"config\.json: {key}"):
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
        ({"stem__2__running_var": -torch.ones(4)}, "answers NaN"),
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


@pytest.mark.parametrize(("name", "size"), [(WEIGHTS, 600_000_000), (CONFIG, 20_000_000), (LABEL_MAP, 20_000_000)])
def test_files_of_absurd_size_are_refused_unread(tmp_path: Path, name: str, size: int) -> None:
    saved(tmp_path)
    (tmp_path / METRICS_FILE).unlink()
    os.truncate(tmp_path / name, size)  # sparse: takes no room on the disk
    with pytest.raises(ModelError, match=rf"{name}.*more than"):
        load(tmp_path)


def test_truncated_weights_are_refused(tmp_path: Path) -> None:
    unsealed(saved(tmp_path))
    content = (tmp_path / WEIGHTS).read_bytes()
    (tmp_path / WEIGHTS).write_bytes(content[:-100])
    with pytest.raises(ModelError, match="damaged"):
        load(tmp_path)


# Damage at random


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("original"))


@contextmanager
def copied(original: Path) -> Iterator[Path]:
    """Yield a copy of a model, to be damaged."""
    with TemporaryDirectory() as folder:
        yield Path(shutil.copytree(original, folder, dirs_exist_ok=True))


def flipped(directory: Path, name: str, place: float, bit: int) -> None:
    content = bytearray((directory / name).read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    (directory / name).write_bytes(content)


PLACES = st.floats(0, 1, exclude_max=True)
ANYTHING = settings(deadline=None, suppress_health_check=list(HealthCheck))


@ANYTHING
@given(name=st.sampled_from(FILES), place=PLACES, bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_is_refused_or_changes_nothing(
    original: Path, name: str, place: float, bit: int
) -> None:
    with copied(original) as directory:
        flipped(directory, name, place, bit)
        try:
            loaded, labels = load(directory)
        except ModelError as error:
            assert directory.name in str(error)  # noqa: PT017 - both ends are right
        else:
            assert labels == tuple(LABELS)
            assert torch.equal(logits(loaded), logits(network()))


@ANYTHING
@given(name=st.sampled_from((WEIGHTS, CONFIG, LABEL_MAP)), place=PLACES)
def test_a_file_cut_anywhere_is_refused_with_and_without_metrics(original: Path, name: str, place: float) -> None:
    with copied(original) as directory:
        os.truncate(directory / name, int(place * (directory / name).stat().st_size) // 2)
        for _ in range(2):
            with pytest.raises(ModelError):
                load(directory)
            (directory / METRICS_FILE).unlink(missing_ok=True)


@ANYTHING
@given(header=st.binary(max_size=200), length=st.integers(0, 2**64 - 1))
def test_weights_with_any_header_are_refused(original: Path, header: bytes, length: int) -> None:
    with copied(original) as directory:
        (directory / METRICS_FILE).unlink()
        (directory / WEIGHTS).write_bytes(struct.pack("<Q", length) + header)
        with pytest.raises(ModelError, match=WEIGHTS):
            load(directory)


def test_a_swapped_label_map_that_nothing_vouches_for_is_found_by_reading_drawings(tmp_path: Path) -> None:
    model, labels = load(PRETRAINED)
    save(tmp_path, model, labels[1:] + labels[:1], {})
    (tmp_path / METRICS_FILE).unlink()
    with pytest.raises(ModelError, match="misreads plain drawings"):
        Recognizer.from_pretrained(tmp_path)


def test_a_model_for_images_of_another_size_is_refused_at_load(tmp_path: Path) -> None:
    save(tmp_path, network(config=replace(SMALL, image_size=32)), LABELS, {})
    (tmp_path / METRICS_FILE).unlink()
    with pytest.raises(ModelError, match="32 px"):
        Recognizer.from_pretrained(tmp_path)


def test_a_label_map_of_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    directory = saved(tmp_path)
    with (directory / LABEL_MAP).open("r+b") as file:
        file.truncate(3_000_000_000)  # sparse: it takes no place
    forget_peak()
    before = resident()
    with pytest.raises(ModelError, match="has more than 10000000 bytes"):
        load(directory)
    assert resident(key="VmHWM") - before < 100


def test_what_a_killed_save_left_is_removed(tmp_path: Path) -> None:
    directory = saved(tmp_path)
    left = directory / ".saving-left"
    left.mkdir()
    (left / "model.safetensors").write_bytes(b"part")
    os.utime(left, (0, 0))
    model, labels = load(directory)
    save(directory, model, labels, {})
    assert not left.exists()


@pytest.mark.parametrize(("prefix", "wrapper"), [("module.", "DataParallel"), ("_orig_mod.", "torch.compile")])
def test_weights_saved_with_their_wrapper_are_told(tmp_path: Path, prefix: str, wrapper: str) -> None:
    file = unsealed(saved(tmp_path)) / WEIGHTS
    save_file({prefix + key: value for key, value in load_file(file).items()}, file)
    with pytest.raises(ModelError, match=wrapper):
        load(tmp_path)


def test_a_pointer_of_git_lfs_is_told(tmp_path: Path) -> None:
    (unsealed(saved(tmp_path)) / WEIGHTS).write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 8\n"
    )
    with pytest.raises(ModelError, match="git lfs pull"):
        load(tmp_path)
