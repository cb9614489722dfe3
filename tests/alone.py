"""The page without a server, run by Node.js; `python -m tests.alone unipen.jsonl.gz` prints how well it reads texts.

Texts of validation writers are read from their strokes, or drawn as pictures, by the library and as in a browser: two
tables like that of `python -m train.text.evaluate`.
"""

import json
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer
from PIL import Image

from emnist import Recognizer, terminal
from emnist.hub import PRETRAINED
from emnist.picture.paper import LEAST_SIDE
from emnist.text import layers, sequence
from emnist.text.score import folded
from train.images.pages import draw
from train.images.words import hands, texts
from train.publish import export, static
from train.text import evaluate

LOCAL = Path(__file__).parents[1] / "web" / "static" / "local"
NODE = shutil.which("node")
RUN = """
const input = JSON.parse((await import('node:fs')).readFileSync(0, 'utf8'))
const output = await (%s)(input)
process.stdout.write(JSON.stringify(output))
"""
READ = """async ({ asked, folder, runtime }) => {
    const [{ Network }, { Convolutions }, { Reader }, { readFile }, ort] = await Promise.all([
        import('LOCAL/network.js'), import('LOCAL/convolutions.js'), import('LOCAL/reader.js'),
        import('node:fs/promises'), import(runtime),
    ])
    ort.env.wasm.numThreads = 1
    const file = (name) => readFile(folder + '/' + name + '.onnx')
    const reader = new Reader(await Network.load(ort, await file('model')))
    reader.sequence = await Convolutions.load(ort, await file('sequence'))
    reader.layers = await Convolutions.load(ort, await file('layers'))
    const open = ([width, height, data]) => ({ width, height, data: Buffer.from(data, 'base64') })
    const answers = []
    for (const { pictures: [picture, large] = [], ...question } of asked) {
        const opened = picture && { picture: open(picture), large: open(large) }
        answers.push(await reader.read({ turn: 1, several: true, only: '', ...question, ...opened }))
    }
    return answers
}"""
SIDES = (400, 1000)  # px: greatest longer sides of a picture, to be read as one character and as several

Strokes = Sequence[Sequence[Sequence[float]]]


def run(function: str, value: Any) -> Any:
    """Return what a JavaScript function, which may import by `LOCAL/name.js`, makes of a value."""
    code = RUN % function.replace("LOCAL", LOCAL.as_uri())
    line = [str(NODE), "--input-type=module", "-e", code]
    done = subprocess.run(line, input=json.dumps(value), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def read(drawings: Sequence[Strokes], **question: Any) -> list[dict[str, Any]]:
    """Return the page's answers to `drawings`, with the built-in model; `question` is what else it is asked."""
    return _answers([{"strokes": strokes, **question} for strokes in drawings])


def read_pictures(pictures: Sequence[Image.Image], **question: Any) -> list[dict[str, Any]]:
    """Return the page's answers to `pictures`."""
    return _answers([{"pictures": [_opened(one, side) for side in SIDES], **question} for one in pictures])


def _opened(picture: Image.Image, side: int) -> tuple[int, int, str]:
    """Return `picture` as the page opens it: width, height and pixels."""
    longest = max(picture.size)
    scale = min(1, side / longest) * max(1, LEAST_SIDE / longest)
    small = picture.convert("RGBA").resize([max(1, round(scale * each)) for each in picture.size])
    return *small.size, b64encode(small.tobytes()).decode()


def _answers(asked: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    networks = {"model": export.without_views(PRETRAINED), "sequence": sequence.onnx(), "layers": layers.onnx()}
    with TemporaryDirectory() as folder:
        for name, content in networks.items():
            (Path(folder) / f"{name}.onnx").write_bytes(content)
        runtime = (static.PACKAGE / "dist" / static.RUNTIME[0]).as_uri()
        answers: list[dict[str, Any]] = run(READ, {"asked": asked, "folder": folder, "runtime": runtime})
    return answers


def main(
    file: Annotated[Path, typer.Argument(help="UNIPEN strokes (unipen.jsonl.gz)")],
    count: Annotated[int, typer.Option(min=1, help="Texts.")] = 400,
    seed: int = 1,
    drawn: Annotated[bool, typer.Option("--pictures", help="Read them drawn as pictures.")] = False,
) -> None:
    """Print how well the library and the page without a server read texts."""
    if NODE is None or not static.PACKAGE.is_dir():
        raise ValueError("install Node.js and run `npm ci --prefix web`")
    recognizer = Recognizer.from_pretrained()
    composed = list(texts(hands(file, "validation"), count, seed))
    pages = [
        draw(text, np.random.default_rng([seed, number])) if drawn else None for number, text in enumerate(composed)
    ]
    both = zip(terminal.watched(composed, "texts", count), pages, strict=True)
    library = [evaluate.read(recognizer, text, page) for text, page in both]
    if drawn:
        answers = read_pictures([page.picture for page in pages if page])
    else:
        answers = read([[stroke.tolist() for stroke in text.strokes] for text in composed])
    alone = [
        replace(one, read=folded(answer["text"], recognizer.labels), confidence=answer["confidence"])
        for one, answer in zip(library, answers, strict=True)
    ]
    print("the library", evaluate.table(library), "", "the page without a server", evaluate.table(alone), sep="\n")


if __name__ == "__main__":
    sys.exit(terminal.run_one(main))
