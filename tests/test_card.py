"""The model card says what was measured on what, how to use the model and how to repeat it."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from models import METRICS, SMALL, network, saved

from emnist import SPLITS, store
from train.results.card import card


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return saved(tmp_path / "run")


def front_matter(text: str) -> dict[str, Any]:
    return yaml.safe_load(text.split("---\n")[1])


def test_the_card_names_each_result_with_its_data_set_status_and_count(run: Path) -> None:
    index = front_matter(card(run, "user/model"))["model-index"][0]["results"]
    by_set = {entry["dataset"]["name"]: entry["metrics"] for entry in index}
    assert list(by_set) == [
        "EMNIST ByMerge test, partial, 30,000 of 116,323 images",
        "Balanced images from EMNIST, not the official test set but redrawn, 18,800 images",
        "EMNIST Digits test, official, 40,000 images",
        "UNIPEN drawings, held-out writers, 1,234 images",
        "Not one character, 500 images",
    ]
    assert {metric["name"]: metric["value"] for metric in next(iter(by_set.values()))} == {
        "Top-1 accuracy, classes equally likely": 0.8975,
        "Top-3 accuracy, classes equally likely": 0.996,
        "Macro-averaged recall, classes equally likely": 0.893,
        "Expected calibration error, classes equally likely": 0.011,
    }


def test_a_redrawn_set_never_carries_the_official_name(run: Path) -> None:
    assert "balanced test" not in card(run).lower()


def test_the_card_tells_how_to_use_and_how_to_repeat(run: Path) -> None:
    text = card(run, "user/model", ["figures/confusion.png"])
    for needed in (
        *('snapshot_download("user/model")', "python -m train fit --out RUN --seed 7", "150,000 train", "ab" * 32),
        *("the official training set has 697,932 images", "torch 2.14.1", "Commit: 0123abc", '"lr": 0.004'),
        *(
            "](figures/confusion.png)",
            "`0` read as `O` 123×",
            "`0` 61%",
            "scribbles 97.0%",
            "hf jobs run",
            "MIT",
            "## Limits",
        ),
    ):
        assert needed in text


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (SPLITS["balanced"], "look alike (0 O, 1 7 I L, 2 Z, 5 S, 9 g q …)"),
        (SPLITS["digits"], "look alike (1 7 …)"),
        ("AH", ""),
    ],
)
def test_the_card_names_only_lookalikes_that_the_model_knows(labels: str, said: str, tmp_path: Path) -> None:
    store.save(tmp_path / "run", network(config=replace(SMALL, classes=len(labels))), tuple(labels), METRICS)
    lines = [line for line in card(tmp_path / "run").splitlines() if "look alike" in line]
    assert bool(lines) == bool(said)
    assert all(said in line or "need context: " in line for line in lines)
    assert not {word for line in lines for word in re.findall(r"(?<=[ (])\w(?=[ ,.)])", line)} - set(labels)


def test_unipen_is_credited_when_its_drawings_were_used(tmp_path: Path) -> None:
    assert "ICPR 1994, CC BY 4.0" in card(saved(tmp_path / "with"))
    training = {**METRICS["training"], "images": {"train": 1, "validation": 1, "sketches": 0}}
    assert "ICPR" not in card(saved(tmp_path / "without", metrics={**METRICS, "training": training}))


def test_a_model_made_from_others_says_how_these_were_trained(run: Path, tmp_path: Path) -> None:
    assert "earlier networks" not in card(run)
    training = {**METRICS["training"], "earlier": {"wide": {"command": "python -m train fit --hidden 512"}}}
    taught = card(saved(tmp_path / "taught", metrics={**METRICS, "training": training}))
    assert "earlier networks" in taught
    assert "--hidden 512" in taught


def test_the_front_matter_has_what_the_hub_shows(run: Path) -> None:
    data = front_matter(card(run, "user/model"))
    assert data["license"] == "mit"
    assert data["pipeline_tag"] == "image-classification"
    assert data["library_name"] == "pytorch"
    assert "emnist" in data["tags"]
    assert data["datasets"] == ["emnist"]


def test_the_card_explains_the_names_of_data_sets_that_are_not_plain(run: Path) -> None:
    assert "Told:" not in card(run)
    metrics = json.loads((run / "metrics.json").read_text())
    metrics["results"].append({"dataset": "Photographed letters, told", "images": 3, "top1": 1.0})
    (run / "metrics.json").write_text(json.dumps(metrics))
    assert "Told: `only=` said" in card(run)
