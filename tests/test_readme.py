"""The README keeps its word: its commands exist, its Python runs, its numbers are those of the built-in model."""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer
from drawings import draw
from gradio import __version__ as gradio_version

from emnist.__main__ import app as reading
from emnist.hub import PRETRAINED
from train.__main__ import app as training

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.S))
COMMANDS = re.findall(r"python -m (emnist|train) (.+)", SHELL)
RESULTS = json.loads((PRETRAINED / "metrics.json").read_text())["results"]


@pytest.mark.parametrize(("module", "words"), COMMANDS)
def test_every_command_and_option_exists(module: str, words: str) -> None:
    name, *arguments = shlex.split(words)
    command = typer.main.get_command(reading if module == "emnist" else training).commands[name]  # type: ignore[attr-defined]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in arguments if word.startswith("--")} <= known | {"--help"}


def test_the_python_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    draw("A").save(tmp_path / "photo.jpg")
    exec(re.findall(r"```python\n(.*?)```", README, re.S)[0], {})
    assert capsys.readouterr().out.startswith("A 0.")


def test_the_space_runs_the_gradio_release_that_is_tested() -> None:
    told = re.search(r"sdk_version: (\d+)\.(\d+)", README)
    assert told is not None
    assert told.groups() == tuple(gradio_version.split(".")[:2])


@pytest.mark.parametrize("result", [result for result in RESULTS if "top1" in result], ids=lambda r: r["dataset"])
def test_every_score_of_the_built_in_model_stands_in_the_table(result: dict[str, float]) -> None:
    for key in ("top1", "macro_recall"):
        if key in result:
            assert f"{100 * result[key]:.2f} %" in README
    assert f"{result['images']:,}" in README


def test_every_file_on_the_map_exists() -> None:
    for line in re.findall(r"^\| (`.*?`) \|", README, re.M):
        folder = ""
        for path in re.findall(r"`(\w*[./][\w./]*)`", line):
            folder = path.rsplit("/", 1)[0] + "/" if "/" in path and not path.endswith("/") else folder
            assert (ROOT / path).exists() or (ROOT / (folder + path)).exists(), path


def test_pictures_shown_are_there() -> None:
    for path in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (ROOT / path).is_file()
