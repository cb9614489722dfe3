"""Every form of --data becomes a model that answers; one walks on, to the Hub and into a running app."""

import csv
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from drawings import draw
from gradio_client import Client, handle_file
from loopback import HUB, Loopback
from pages import files
from PIL import Image
from serving import serving
from training import config

from emnist import Recognizer
from train import loop
from train.images.own import NOT_A_CHARACTER
from train.publish.push import push
from train.results.evaluate import evaluate
from train.results.record import read_metrics
from train.results.report import report
from web.corrections import Corrections

pytestmark = [
    pytest.mark.usefixtures("few_negatives"),
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),  # huggingface_hub's own
]
SHAPES = {"+": "4", "ñ": "7", "あ": "Z", NOT_A_CHARACTER: "T"}  # what is drawn for each label
PICTURES = [(label, size) for label in SHAPES for size in (70, 80, 90, 100, 110)]
Form = Callable[[Path, Loopback], Path]


def picture(label: str, size: int) -> Image.Image:
    return draw(SHAPES[label], size=size)


def written(root: Path, label: str, size: int, below: str) -> str:
    """Draw the picture into the folder `below` of `root`, and return its path there."""
    file = root / below / f"{size}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    picture(label, size).save(file)
    return file.relative_to(root).as_posix()


def folder(root: Path, hub: Loopback) -> Path:
    for label, size in PICTURES:
        written(root, label, size, label)
    return root


def parts(root: Path, hub: Loopback) -> Path:
    for label, size in PICTURES:
        written(root, label, size, f"{'test' if size == 100 else 'val' if size == 110 else 'train'}/{label}")
    return root


def table(root: Path, hub: Loopback) -> Path:
    rows = [(written(root, label, size, f"p{i}"), label) for i, (label, size) in enumerate(PICTURES)]
    with (root / "mine.csv").open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines, delimiter=";").writerows([("file", "label"), *rows])
    return root / "mine.csv"


def page(root: Path, hub: Loopback) -> Path:
    corrections = Corrections(root)
    for label, size in PICTURES:
        corrections.add(picture(label, size), label, "1", 0.5, "built-in model")
    return root


def on_the_hub(form: Form, below: str = "") -> Form:
    def made(root: Path, hub: Loopback) -> Path:
        form(root, hub)
        there = {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}
        hub.add("user/pictures", {below + name: content for name, content in there.items()}, kind="datasets")
        return Path("user/pictures")

    return made


def described(root: Path, hub: Loopback) -> Path:
    rows = [
        {"file_name": written(root, label, size, f"p{i}"), "label": label} for i, (label, size) in enumerate(PICTURES)
    ]
    (root / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return root


FORMS: dict[str, Form] = {
    "a folder": folder,
    "a folder in parts": parts,
    "a table": table,
    "corrections of the page": page,
    "a folder on the Hub": on_the_hub(folder),
    "parts on the Hub": on_the_hub(parts, "data/"),
    "metadata.jsonl on the Hub": on_the_hub(described),
    "corrections sent to the Hub": on_the_hub(page, "3f00c1/"),
}


def learnt(data: Path, run: Path) -> Recognizer:
    """Train on `data`, score, and return the model."""
    loop.fit(config(data, run, steps=3, epochs=1.0))
    evaluate(run, data)
    return Recognizer.from_pretrained(run)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("form", FORMS)
def test_pictures_become_a_model_that_answers(tmp_path: Path, hub: Loopback, form: str) -> None:
    recognizer = learnt(FORMS[form](tmp_path / "mine", hub), tmp_path / "run")
    known = read_metrics(tmp_path / "run")
    assert known["training"]["data"]["pictures"] == len(PICTURES)
    assert known["training"]["data"]["not_a_character"] == 5
    assert [result["images"] for result in known["results"]] == [3, 1]
    assert set(known["results"][1]["rejected"]) == {NOT_A_CHARACTER}
    assert recognizer.labels == ("+", "ñ", "あ")
    assert recognizer.predict(picture("+", 80)).label in recognizer.labels


def test_a_running_app_takes_the_pushed_model_over_by_itself(tmp_path: Path, hub: Loopback) -> None:
    hub.add("user/mine", files())
    settings = {"EMNIST_REFRESH_MINUTES": "0.01", "HF_HUB_OFFLINE": "0", "HF_ENDPOINT": HUB.url}
    with serving(tmp_path / "app", "--model", "user/mine", **settings) as address:
        client = Client(address, verbose=False)
        picture("+", 80).save(tmp_path / "plus.png")

        def answer() -> set[str]:
            return set(client.predict(handle_file(str(tmp_path / "plus.png")), api_name="/predict"))

        assert len(answer()) == 47
        learnt(page(tmp_path / "mine", hub), tmp_path / "run")
        assert report(tmp_path / "run")
        assert push(tmp_path / "run", "user/mine").changed
        deadline = time.monotonic() + 60
        while len(found := answer()) == 47 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert found == {"+", "ñ", "あ"}
