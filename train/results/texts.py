"""How well several characters are read from strokes, and the fit of what each clue of the search counts.

python -m train.results.texts unipen.jsonl.gz [--part validation] [--count 400] [--seed 1] [--model M] [--fit]
"""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from scipy.optimize import minimize
from tqdm import tqdm

from emnist import terminal
from emnist.recognizer import Recognizer
from emnist.text import strokes
from emnist.text.candidates import Line, Weights, clues
from emnist.text.context import agreement, digits
from emnist.text.drawing import image
from emnist.text.score import distance, folded
from emnist.text.search import START, State, lattice
from train.images.words import Text, texts

RIDGE = 1e-3  # on the squares of the weights, a line
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """A line with its right cover, ready for the fit: the clues of each candidate and joint, and the steps.

    Attributes:
        unary: (G, U) clues of each candidate; pairs: (J, G, G).
        states: the steps as (from, to) numbers of states, in order; groups: (A, 2) the groups before and after.
        ends: numbers of the states that cover everything.
        right: the groups of the right cover.
    """

    unary: Floats
    pairs: Floats
    states: list[tuple[int, int]]
    groups: NDArray[np.intp]
    ends: list[int]
    right: list[int]


def examples(text: Text, lines: Sequence[Line], seen: Floats, sure: Floats, labels: Sequence[str]) -> list[Example]:
    """Return the lines of `text` with their right covers; [] if those are not among the candidates."""
    found = []
    ends = np.cumsum([len(line.groups) for line in lines])[:-1]
    for line, own, one in zip(lines, np.split(seen, ends), np.split(sure, ends), strict=True):
        owners: dict[int, list[int]] = {}
        for atom, place in enumerate(line.places):
            owners.setdefault(text.owners[place], []).append(atom)
        wanted = [tuple(atoms) for atoms in owners.values()]
        whole = all(len(atoms) == text.owners.count(owner) for owner, atoms in owners.items())
        if not whole or not set(wanted) <= set(line.groups):
            return []
        right = sorted((line.groups.index(group) for group in wanted), key=lambda g: line.groups[g])
        agree = agreement(line, right, digits(own, labels))
        unary = np.column_stack([clues(line, own, one, labels), agree, line.features])
        found.append(_example(line, unary, right))
    return found


def _example(line: Line, unary: Floats, right: list[int]) -> Example:
    zero = np.zeros((len(line.groups), len(line.groups)))
    arcs = lattice(line.atoms, line.groups, zero[0], zero, beam=10**9)
    numbers: dict[State, int] = {START: 0}
    for _, target in arcs:
        numbers.setdefault(target, len(numbers))
    full = (1 << line.atoms) - 1
    return Example(
        unary,
        line.joints,
        [(numbers[a], numbers[b]) for a, b in arcs],
        np.array([(a[1], b[1]) for a, b in arcs]),
        [number for (covered, _), number in numbers.items() if covered == full],
        right,
    )


def loss(weights: Floats, data: Sequence[Example]) -> tuple[float, Floats]:
    """Return the mean of −log(share of the right cover), and its gradient: a semi-Markov conditional random field.

    Source: Sarawagi and Cohen, "Semi-Markov conditional random fields for information extraction" (2004).
    """
    value, slope = 0.0, np.zeros(len(weights))
    for example in data:
        clues = np.concatenate([example.unary[example.groups[:, 1]], _joint_clues(example)], axis=1)  # (A, W)
        steps = clues @ weights
        total, share = _shares(example, steps.tolist())
        before = [-1, *example.right[:-1]]
        wanted = example.unary[example.right].sum(0)
        joint = sum(
            (example.pairs[:, a, b] for a, b in zip(before, example.right, strict=True) if a >= 0),
            np.zeros(len(example.pairs)),
        )
        right = np.concatenate([wanted, joint])
        value += total - float(right @ weights)
        slope += share @ clues - right
    count = len(data)
    return value / count + RIDGE * float(weights @ weights), slope / count + 2 * RIDGE * weights


def _joint_clues(example: Example) -> Floats:
    before, after = example.groups.T
    clues: Floats = example.pairs[:, before, after].T * (before >= 0)[:, None]
    return clues


def _shares(example: Example, steps: list[float]) -> tuple[float, Floats]:
    """Return the log of the sum over all covers, and of each step the share of the covers that take it."""
    size = max(b for _, b in example.states) + 1
    forward, backward = [-math.inf] * size, [-math.inf] * size
    forward[0] = 0.0
    for (a, b), step in zip(example.states, steps, strict=True):
        forward[b] = _add(forward[b], forward[a] + step)
    for end in example.ends:
        backward[end] = 0.0
    for (a, b), step in zip(reversed(example.states), reversed(steps), strict=True):
        backward[a] = _add(backward[a], backward[b] + step)
    through = [
        math.exp(min(forward[a] + step + backward[b] - backward[0], 0.0))
        for (a, b), step in zip(example.states, steps, strict=True)
    ]
    return backward[0], np.array(through)


def _add(a: float, b: float) -> float:
    high, low = (a, b) if a > b else (b, a)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))


def fit(data: Sequence[Example], start: Weights) -> Weights:
    """Return the weights under which the right covers are the most probable."""
    own = [start.label, start.character, start.size, start.agree]
    first = np.array([*own, *start.shape, *start.joint])
    found = minimize(loss, first, args=(data,), jac=True, method="L-BFGS-B", options={"maxiter": 100}).x
    label, character, size, agree, *rest = [round(float(weight), 2) for weight in found]
    shape = len(start.shape)
    return Weights(label, character, tuple(rest[:shape]), tuple(rest[shape:]), size, agree)


@dataclass(frozen=True)
class Result:
    """One text and what was read: its kind, itself and the reading in the model's labels, and the same alone."""

    kind: str
    text: str
    read: str
    alone: str
    confidence: float


def read(recognizer: Recognizer, text: Text, context: bool = True) -> Result:
    """Read `text`, and each of its characters alone."""
    found = recognizer.transcribe([stroke.tolist() for stroke in text.strokes], context=context)
    images = np.stack([image(text.alone(place)) for place in range(len(text.characters))])
    alone = "".join(recognizer.labels[best] for best in recognizer.look(images)[0].argmax(1))
    wanted, seen = (folded(said, recognizer.labels) for said in (text.text, found.text))
    return Result(text.kind, wanted, seen, alone, found.confidence)


def row(name: str, results: Sequence[Result]) -> str:
    """Return one line of the table."""
    length = sum(len(result.text) for result in results)
    count = sum(len(result.text) == len(result.read) for result in results) / len(results)
    exact = sum(result.text == result.read for result in results) / len(results)
    right = 1 - sum(distance(result.text, result.read) for result in results) / length
    alone = sum(a == b for result in results for a, b in zip(result.text, result.alone, strict=True)) / length
    return f"{name:12} {len(results):6} {count:13.1%} {exact:7.1%} {right:17.1%} {alone:7.1%}"


def table(results: Sequence[Result]) -> str:
    """Return how well texts of each kind are read, and how often those of some confidence are right."""
    lines = [f"{'':12} {'texts':>6} {'right number':>13} {'exact':>7} {'characters right':>17} {'alone':>7}"]
    kinds = sorted({result.kind for result in results})
    lines += [row(kind, [result for result in results if result.kind == kind]) for kind in kinds]
    lines.append(row("all", results))
    for least in (0.5, 0.7, 0.8, 0.9, 0.95):
        sure = [result.text == result.read for result in results if result.confidence >= least]
        if sure:
            lines.append(
                f"confidence ≥ {least}: {len(sure) / len(results):.1%} of the texts, {np.mean(sure):.1%} right"
            )
    return "\n".join(lines)


def main(
    file: Annotated[Path, typer.Argument(help="UNIPEN strokes (unipen.jsonl.gz)")],
    part: Annotated[str, typer.Option(help="writers: validation, or test once at the end")] = "validation",
    count: Annotated[int, typer.Option(min=1, help="texts to compose")] = 400,
    seed: int = 1,
    model: Annotated[str | None, typer.Option(help="directory or user/repo[@revision]")] = None,
    again: Annotated[
        bool, typer.Option("--fit", help="print weights fitted on these texts, instead of a table")
    ] = False,
    context: bool = True,
) -> int:
    """Compose texts of single writers, read them and print a table."""
    recognizer = Recognizer.from_pretrained(model)
    composed = tqdm(texts(file, part, count, seed), total=count, unit=" texts", disable=not sys.stderr.isatty())
    if not again:
        print(table([read(recognizer, text, context) for text in composed]))
        return 0
    data: list[Example] = []
    for text in composed:
        lines = strokes.lines(text.strokes)
        seen, sure = recognizer.look(np.concatenate([line.images for line in lines]), once=True)
        data += examples(text, lines, seen, sure, recognizer.labels)
    print(fit(data, strokes.WEIGHTS))
    return 0


if __name__ == "__main__":
    app = typer.Typer(add_completion=False)
    app.command()(main)
    sys.exit(terminal.run(app))
