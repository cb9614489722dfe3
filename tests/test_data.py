"""Reading EMNIST's files: orientation, official counts, validation split, and what damaged files are answered with."""

import gzip
import hashlib
import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import torch
import torchvision
from idx import dataset, images, write

from emnist.labels import SPLITS
from train.config import FitConfig
from train.images.data import OFFICIAL_COUNTS, Images, epoch_order, read, split_validation, status
from train.images.sources import replayed

RAW = "EMNIST/raw/emnist-digits-train-images-idx3-ubyte"


def test_the_files_are_transposed_and_read_upright(tmp_path: Path) -> None:
    pixels, labels = images("0123456789", 2, seed=0)
    write(tmp_path, "digits", "train", pixels, labels)
    found = read(tmp_path, "digits", "train")
    assert torch.equal(found.pixels, torch.from_numpy(pixels))
    assert found.labels.tolist() == labels.tolist()


def test_letters_count_from_one_in_the_files_and_from_zero_here(tmp_path: Path) -> None:
    labels = np.arange(26, dtype=np.uint8)
    write(tmp_path, "letters", "train", np.zeros((26, 28, 28), np.uint8), labels)
    assert read(tmp_path, "letters", "train").labels.tolist() == labels.tolist()


@pytest.mark.parametrize("split", SPLITS)
def test_only_a_set_of_the_official_size_is_called_official(split: str) -> None:
    train, test = OFFICIAL_COUNTS[split]
    assert status(split, "train", train) == status(split, "test", test) == "official"
    assert status(split, "train", train - 1) == "partial"
    assert status(split, "test", test - 1) == "redrawn"


def test_missing_files_are_named_with_the_way_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"name the folder that holds EMNIST/raw, or let `fit --down"):
        read(tmp_path, "digits", "train")


def test_a_wrong_split_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="choose one of byclass"):
        read(tmp_path, "digit", "train")


@pytest.mark.parametrize("left", [0, 3, 16, 1000])
def test_a_truncated_file_is_called_damaged(tmp_path: Path, left: int) -> None:
    file = dataset(tmp_path) / RAW
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(ValueError, match="damaged or truncated"):
        read(tmp_path, "digits", "train")


@pytest.mark.parametrize("kind", [0x00, 0x07, 0x09, 0x0B, 0x0D])
def test_a_file_of_other_numbers_is_called_damaged(tmp_path: Path, kind: int) -> None:
    file = dataset(tmp_path) / RAW
    content = bytearray(file.read_bytes())
    content[2] = kind
    file.write_bytes(content)
    with pytest.raises(ValueError, match="damaged or truncated"):
        read(tmp_path, "digits", "train")


def test_files_swapped_between_splits_are_noticed_by_their_labels(tmp_path: Path) -> None:
    write(tmp_path, "digits", "train", np.zeros((47, 28, 28), np.uint8), np.arange(47, dtype=np.uint8))
    with pytest.raises(ValueError, match=r"classes 0 to 9, but the train labels are 0 to 46"):
        read(tmp_path, "digits", "train")


def test_a_training_set_that_lacks_a_class_is_taken_for_another_split(tmp_path: Path) -> None:
    write(tmp_path, "bymerge", "train", np.zeros((10, 28, 28), np.uint8), np.arange(10, dtype=np.uint8))
    with pytest.raises(ValueError, match="has 47 classes, but the train labels hold 10 of them"):
        read(tmp_path, "bymerge", "train")


@pytest.mark.parametrize(("part", "count"), [("train", 10_000), ("test", 60_000)])
def test_train_and_test_files_that_were_swapped_are_noticed(tmp_path: Path, part: str, count: int) -> None:
    write(tmp_path, "mnist", part, np.zeros((count, 28, 28), np.uint8), np.arange(count, dtype=np.uint64) % 10)
    with pytest.raises(ValueError, match="files swapped"):
        read(tmp_path, "mnist", part)


def test_images_and_labels_that_differ_in_number_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "digits", "train", np.zeros((4, 28, 28), np.uint8), np.zeros(5, np.uint8))
    with pytest.raises(ValueError, match="4 images but 5 labels"):
        read(tmp_path, "digits", "train")


def test_a_partial_copy_gets_a_seeded_validation_set_with_every_class(tmp_path: Path) -> None:
    whole = read(dataset(tmp_path), "digits", "train")
    train, validation = split_validation(whole, "digits", seed=1)
    again = split_validation(whole, "digits", seed=1)[1]
    assert len(train) + len(validation) == len(whole)
    assert sorted(validation.labels.tolist()) == list(range(10))
    assert torch.equal(validation.pixels, again.pixels)


def test_a_complete_copy_gives_its_official_tail_for_validation() -> None:
    count = OFFICIAL_COUNTS["mnist"][0]
    whole = Images(torch.zeros(count, 1, 1, dtype=torch.uint8), torch.arange(count) % 10)
    train, validation = split_validation(whole, "mnist", seed=0)
    assert (len(train), len(validation)) == (50_000, 10_000)
    assert torch.equal(validation.labels, whole.labels[-10_000:])


def test_an_epoch_uses_each_image_of_a_class_equally_often() -> None:
    labels = torch.tensor([0] * 30 + [1] * 10)
    order = epoch_order(labels, torch.tensor([0.5, 0.5]), 40, torch.Generator().manual_seed(0))
    uses = torch.bincount(order, minlength=40)
    assert uses[:30].sum() == 20
    assert uses[:30].max() == 1
    assert uses[30:].tolist() == [2] * 10


def test_an_epoch_with_fewer_places_than_classes_leaves_no_class_out_for_ever() -> None:
    labels = torch.arange(100)
    random = torch.Generator().manual_seed(0)
    orders = [epoch_order(labels, torch.full((100,), 0.01), 36, random) for _ in range(30)]
    assert all(len(order.unique()) == 36 for order in orders)
    assert len(torch.cat(orders).unique()) == 100


@pytest.mark.shared
def test_the_real_bymerge_test_set_is_the_official_one(shared: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    subprocess.run([sys.executable, shared / "emnist" / "build.py", tmp_path], check=True, capture_output=True)
    found = read(tmp_path, "bymerge", "test")
    assert status("bymerge", "test", len(found)) == "official"
    assert len(read(tmp_path, "letters", "train")) == 85_277


def test_files_in_another_place_or_packed_are_found_and_told(tmp_path: Path) -> None:
    raw = (dataset(tmp_path) / RAW).parent
    raw.rename(tmp_path / "raw")
    with pytest.raises(FileNotFoundError, match=r"put the files of .*raw into"):
        read(tmp_path, "digits", "train")
    (tmp_path / "gzip").mkdir()
    (tmp_path / "gzip" / "emnist-digits-train-images-idx3-ubyte.gz").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match="gunzip"):
        read(tmp_path, "digits", "train")


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Serve a small EMNIST in place of the official archive, laid out as that one; yield the folder that is served."""
    packed, served = tmp_path / "archive" / "gzip", tmp_path / "served"
    packed.mkdir(parents=True)
    served.mkdir()
    for file in (dataset(tmp_path / "made", each=2) / "EMNIST" / "raw").iterdir():
        (packed / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
    archive = Path(shutil.make_archive(str(served / "gzip"), "zip", packed.parent, "gzip"))
    monkeypatch.setattr(torchvision.datasets.EMNIST, "md5", hashlib.md5(archive.read_bytes()).hexdigest())
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=served))
    monkeypatch.setattr(torchvision.datasets.EMNIST, "url", f"http://127.0.0.1:{server.server_port}/gzip.zip")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_archive_is_fetched_and_unpacked_once(mirror: Path, tmp_path: Path) -> None:
    fetched = read(tmp_path / "data", "digits", "train", download=True)
    assert torch.equal(fetched.pixels, read(tmp_path / "made", "digits", "train").pixels)
    (mirror / "gzip.zip").unlink()
    assert len(read(tmp_path / "data", "digits", "test", download=True)) == 20


def test_what_is_mixed_in_beside_own_pictures_can_be_fetched(mirror: Path, tmp_path: Path) -> None:
    config = FitConfig(out=tmp_path / "run", replay=tmp_path / "data", split="digits", download=True)
    replay, watched = replayed(config, "0123456789+")
    assert (len(replay), len(watched)) == (10, 10)


def test_a_mirror_without_the_archive_is_told_and_leaves_nothing(mirror: Path, tmp_path: Path) -> None:
    (mirror / "gzip.zip").unlink()
    with pytest.raises(OSError, match="EMNIST cannot be downloaded"):
        read(tmp_path / "data", "digits", "train", download=True)
    assert not (tmp_path / "data" / "EMNIST").exists()


def test_what_comes_instead_of_the_archive_is_told(mirror: Path, tmp_path: Path) -> None:
    (mirror / "gzip.zip").write_bytes(b"<html>please log in")
    with pytest.raises(ValueError, match="a portal to log in"):
        read(tmp_path / "data", "digits", "train", download=True)
