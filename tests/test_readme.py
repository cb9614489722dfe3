"""README and docs keep their word: commands exist, Python runs, scores are those of the model, links lead somewhere."""

import csv
import importlib
import importlib.util
import json
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
import typer
from drawings import draw
from gradio import __version__ as gradio_version
from PIL import Image

from app import main as page
from emnist import Recognizer, terminal
from emnist.__main__ import app as reading
from emnist.hub import PRETRAINED
from train.__main__ import app as training

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BODY = README.split("---\n", 2)[2].strip()  # without the settings of the Space
DOCS = {file.name: file.read_text(encoding="utf-8") for file in [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]}
TEXT = "\n".join(DOCS.values())
COMMANDS = sorted(set(re.findall(r"-m (emnist|train) ([^\n`#|]+)", TEXT)))
TOOLS = sorted(set(re.findall(r"python -m ((?:tests|train|emnist)\.[\w.]+)([^\n`#|]*)", TEXT)))
RESULTS = json.loads((PRETRAINED / "metrics.json").read_text())["results"]
EXAMPLES = [(name, code) for name, text in DOCS.items() for code in re.findall(r"```python\n(.*?)```", text, re.S)]


def command_of(main: Callable[..., object]) -> click.Command:
    app = typer.Typer()
    app.command()(main)
    return typer.main.get_command(app)


def options(command: click.Command) -> set[str]:
    return {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help"}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with the files that the examples name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scans").mkdir()
    draw("A").save(tmp_path / "photo.jpg")
    draw("7").save(tmp_path / "scans" / "1.png")
    Image.fromarray(np.hstack([np.asarray(draw(c).convert("L")) for c in "AB"])).save(tmp_path / "card.jpg")
    (tmp_path / "strokes.json").write_text("[[[0, 0], [0, 9]], [[5, 0], [9, 0], [7, 9]]]")
    for table, row in {
        "labels.csv": "file,label\nscans/1.png,7\n",
        "texts.csv": "file,text\ncard.jpg,AB\n",
        "corrections/corrections.csv": "file,label\n../photo.jpg,A\n",
    }.items():
        (tmp_path / table).parent.mkdir(exist_ok=True)
        (tmp_path / table).write_text(row)
    return tmp_path


@pytest.mark.parametrize(("module", "words"), COMMANDS)
def test_every_command_and_option_exists(module: str, words: str) -> None:
    name, *arguments = shlex.split(words)
    group = typer.main.get_command(reading if module == "emnist" else training)
    said = {word for word in arguments if word.startswith("--")}
    assert said <= options(group.commands[name])  # type: ignore[attr-defined]


def test_every_option_of_the_app_exists() -> None:
    for words in re.findall(r"python app\.py([^\n`#|]*)", TEXT):
        assert {word for word in words.split() if word.startswith("--")} <= options(command_of(page))
    for module in re.findall(r"python -m (pytest|http\.server|venv)\b", TEXT):
        assert importlib.util.find_spec(module)


@pytest.mark.parametrize(("module", "words"), TOOLS)
def test_every_tool_takes_what_is_said(module: str, words: str) -> None:
    tool = importlib.import_module(module)
    command: Any = typer.main.get_command(tool.app) if hasattr(tool, "app") else command_of(tool.main)
    arguments = shlex.split(words)
    if hasattr(command, "commands"):
        command = command.commands[arguments.pop(0)]
    command.make_context(module, arguments)  # raises for one that is missing, too many or unknown


@pytest.mark.parametrize(("module", "words"), [each for each in COMMANDS if each[0] == "emnist"])
def test_what_reads_pictures_runs(module: str, words: str, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [word for word in shlex.split(words)[1:] if not word.startswith("--")]
    if not any((desk / word).exists() for word in given):
        pytest.skip("names the command alone")
    monkeypatch.setattr(sys, "argv", [module, *shlex.split(words)])
    assert terminal.run(reading) == 0


@pytest.mark.parametrize(("name", "code"), EXAMPLES, ids=lambda text: text[:12].split("\n")[0])
def test_python_examples_run(name: str, code: str, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = {"recognizer": Recognizer.from_pretrained(), "image": np.eye(28), "images": np.eye(28)[None]}
    example = compile(code, name, "exec")
    if "Client(" not in code:  # which needs a running page: tests/test_app.py
        exec(example, given)
    if name == "README.md":
        assert capsys.readouterr().out.startswith("A 0.")


def test_the_table_of_labels_is_one(desk: Path) -> None:
    header = re.search(r"`([\w,]+)`, one picture a row: `(.*?)`", README)
    assert header is not None
    rows = list(csv.DictReader(header.groups()))
    assert (desk / rows[0]["file"]).is_file()


def test_the_space_runs_the_gradio_release_that_is_tested() -> None:
    told = re.search(r"sdk_version: (\d+)\.(\d+)", README)
    assert told is not None
    assert told.groups() == tuple(gradio_version.split(".")[:2])


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: f"{result['dataset']} {result.get('prior', '')}")
def test_every_score_of_the_built_in_model_stands_in_the_results(result: dict[str, float]) -> None:
    text = DOCS["results.md"]
    for share in result.get("rejected", {}).values():  # type: ignore[attr-defined]
        assert f"{100 * share:.1f} %" in text
    if "top1" in result:
        first = f"{result['images']:,} | {100 * result['top1']:.2f} %"
        row = next(line for line in text.splitlines() if first in line)
        for key in ("top3", "macro_recall", "ece"):
            assert key not in result or f"{100 * result[key]:.2f} %" in row
    if result.get("prior") == "uniform":
        assert f"{100 * result['top1_lookalikes_merged']:.2f} %" in text


def test_the_two_numbers_on_top_are_the_models() -> None:
    scans = next(result for result in RESULTS if result.get("status") == "official")
    photographs = next(result for result in RESULTS if result["dataset"] == "Photographed letters, told")
    assert f"{scans['images']:,} images, mean recall | **{100 * scans['macro_recall']:.2f} %**" in README
    assert f"{photographs['images']:,}, told" in README
    assert f"**{100 * photographs['top1']:.2f} %**" in README


def test_every_place_on_the_map_exists() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", BODY.split("## Map of the code")[1].split("## ")[0], re.M)
    assert len(rows) > 8
    for row in rows:
        folder = ""
        for path in re.findall(r"`([\w./]+)`", row):
            wing = path.split("/")[0] + "/"
            assert (ROOT / path).exists() or (ROOT / folder / path).exists(), path
            folder = wing if "/" in path.rstrip("/") else folder


@pytest.mark.parametrize("name", DOCS)
def test_every_link_within_the_project_leads_somewhere(name: str) -> None:
    base = ROOT if name == "README.md" else ROOT / "docs"
    for target in re.findall(r"\]\(([^)#]+)", DOCS[name]):
        assert target.startswith("https://") or (base / target).is_file(), target


def test_the_readme_is_short_and_names_every_document() -> None:
    assert len(BODY.split()) <= 1300
    assert len(BODY.splitlines()) <= 130
    for name in DOCS:
        assert name == "README.md" or name in "".join(DOCS[other] for other in DOCS if other != name)
