"""The page without a server, run by Node.js; `python -m tests.alone unipen.jsonl.gz` prints how well it reads texts.

Texts of validation writers are read from their strokes, by the library and as in a browser: two tables like that of
`python -m train.text.evaluate`.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from emnist import Recognizer, terminal
from emnist.hub import PRETRAINED
from emnist.text import sequence
from emnist.text.score import folded
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
READ = """async ({ drawings, question, folder, runtime }) => {
    const [{ Network }, { Sequence }, { Reader }, { readFile }, ort] = await Promise.all([
        import('LOCAL/network.js'), import('LOCAL/sequence.js'), import('LOCAL/reader.js'),
        import('node:fs/promises'), import(runtime),
    ])
    ort.env.wasm.numThreads = 1
    const reader = new Reader(await Network.load(ort, await readFile(folder + '/model.onnx')))
    reader.sequence = await Sequence.load(ort, await readFile(folder + '/sequence.onnx'))
    const answers = []
    for (const strokes of drawings) answers.push(await reader.read({ turn: 1, strokes, several: true, ...question }))
    return answers
}"""

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
    with TemporaryDirectory() as folder:
        (Path(folder) / "model.onnx").write_bytes(export.without_views(PRETRAINED))
        (Path(folder) / "sequence.onnx").write_bytes(sequence.onnx())
        runtime = (static.PACKAGE / "dist" / static.RUNTIME[0]).as_uri()
        asked = {"drawings": drawings, "question": {"only": ""} | question, "folder": folder, "runtime": runtime}
        answers: list[dict[str, Any]] = run(READ, asked)
    return answers


def main(
    file: Annotated[Path, typer.Argument(help="UNIPEN strokes (unipen.jsonl.gz)")],
    count: Annotated[int, typer.Option(min=1, help="Texts.")] = 400,
    seed: int = 1,
) -> None:
    """Print how well the library and the page without a server read texts from strokes."""
    if NODE is None or not static.PACKAGE.is_dir():
        raise ValueError("install Node.js and run `npm ci --prefix web`")
    recognizer = Recognizer.from_pretrained()
    composed = list(texts(hands(file, "validation"), count, seed))
    library = [evaluate.read(recognizer, text, None) for text in terminal.watched(composed, "texts", count)]
    answers = read([[stroke.tolist() for stroke in text.strokes] for text in composed])
    page = [
        replace(one, read=folded(answer["text"], recognizer.labels), confidence=answer["confidence"])
        for one, answer in zip(library, answers, strict=True)
    ]
    print("the library", evaluate.table(library), "", "the page without a server", evaluate.table(page), sep="\n")


if __name__ == "__main__":
    sys.exit(terminal.run_one(main))
