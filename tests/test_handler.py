"""The handler for Inference Endpoints answers pictures, from a directory that holds only the pushed files."""

import base64
import importlib.util
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from emnist.hub import PRETRAINED
from emnist.labels import SPLITS
from train.publish.push import plan


def drawing() -> bytes:
    """Return a PNG of a vertical stroke."""
    image = Image.new("L", (100, 100), 255)
    ImageDraw.Draw(image).line([(50, 10), (50, 90)], fill=0, width=8)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


SERVE = """
import json, sys
import handler
assert handler.Recognizer.__module__ == "emnist.recognizer" and sys.modules["emnist"].__file__.startswith(sys.argv[1])
answers = handler.EndpointHandler(sys.argv[1])(json.load(sys.stdin))
print(json.dumps(answers))
"""


def test_the_handler_serves_from_a_directory_with_only_the_pushed_files(tmp_path: Path) -> None:
    served = tmp_path / "served"
    for upload in plan(PRETRAINED, "user/model"):
        (served / upload.path).parent.mkdir(parents=True, exist_ok=True)
        (served / upload.path).write_bytes(upload.content)
    request = json.dumps({"inputs": base64.b64encode(drawing()).decode(), "parameters": {"top_k": 3}})
    line = [sys.executable, "-c", SERVE, str(served)]
    done = subprocess.run(line, cwd=served, input=request, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    answers = json.loads(done.stdout)
    assert len(answers) == 3
    assert answers == sorted(answers, key=lambda answer: -answer["score"])
    assert {answer["label"] for answer in answers} <= set(SPLITS["bymerge"])


@pytest.fixture(scope="module")
def handler() -> Any:
    """Import the handler as the container does, by its path."""
    path = Path(__file__).parents[1] / "train" / "publish" / "endpoint" / "handler.py"
    spec = importlib.util.spec_from_file_location("handler", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_handler_takes_base64_data_urls_and_pictures(handler: Any) -> None:
    serve = handler.EndpointHandler(PRETRAINED)
    text = base64.b64encode(drawing()).decode()
    forms = [text, f"data:image/png;base64,{text}", Image.open(io.BytesIO(drawing()))]
    answers = [serve({"inputs": form}) for form in forms]
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0]) == 5
    assert sum(answer["score"] for answer in serve({"inputs": text, "parameters": {"top_k": 47}})) == pytest.approx(
        1, abs=1e-4
    )


@pytest.mark.parametrize(
    "request_",
    [{}, {"inputs": None}, {"inputs": "!"}, {"inputs": "aGFsbG8="}, {"inputs": [1]}, {"inputs": {"a": 1}}],
)
def test_the_handler_refuses_what_is_no_picture(handler: Any, request_: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"inputs|picture|read"):
        handler.EndpointHandler(PRETRAINED)(request_)


@pytest.mark.parametrize("top", [0, -1, "3", True, 1.5])
def test_the_handler_refuses_a_wrong_top_k(handler: Any, top: object) -> None:
    text = base64.b64encode(drawing()).decode()
    with pytest.raises(ValueError, match="top_k"):
        handler.EndpointHandler(PRETRAINED)({"inputs": text, "parameters": {"top_k": top}})
