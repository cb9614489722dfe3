"""Hostile and odd files end in a clear message, in little memory, and the next request works: in every way in."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from drawings import draw
from hostile import Bench, bombs, odd, quadratic, saved
from serving import ROOT, process

from web.routes import MAX_PICTURE

CLEAR = r"send a PNG or JPEG|shrink or crop|too few for a character|too large to send|smaller one|blank|transparent"
READ = re.compile(r"of 201|a text of|a colour profile of|MP written|2 MP in")  # these hold a picture, more or less
MEGABYTES = 200  # most memory that one file may take


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return {**bombs(), **odd()}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with process(tmp_path_factory.mktemp("hostile")) as (address, app):
        bench = Bench(address, app.pid)
        for way in (bench.direct, bench.upload, bench.sketchpad):
            way(saved(draw("A"), "PNG"))
        yield bench
        bench.client.close()


@pytest.mark.parametrize("way", ["direct", "upload", "sketchpad"])
def test_each_file_ends_in_a_clear_message_and_the_next_one_is_read(
    bench: Bench, files: dict[str, bytes], way: str
) -> None:
    send, letter = getattr(bench, way), saved(draw("A"), "PNG")
    good = send(letter)
    for name, content in files.items():
        answer, megabytes = bench.measured(send, content)
        assert re.search(CLEAR, answer) or READ.search(name), f"{name}: {answer}"
        assert "Traceback" not in answer
        assert "root:" not in answer
        assert megabytes < MEGABYTES, f"{name}: {megabytes} MB"
        assert send(letter) == good, name


def test_the_command_line_says_what_is_wrong_with_each_and_reads_the_rest(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    for number, content in enumerate(files.values()):
        (tmp_path / f"{number:02}.png").write_bytes(content)
    draw("A").save(tmp_path / "99.png")
    words = [sys.executable, "-m", "emnist", "predict", str(tmp_path)]
    told = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert told.returncode == 1
    assert told.stdout.splitlines()[-1].split()[1] == "A"
    assert all(line.startswith("error: ") and re.search(CLEAR, line) for line in told.stderr.splitlines())
    assert len(told.stderr.splitlines()) >= len([name for name in files if not READ.search(name)])


def test_fifty_megabytes_of_base64_are_refused_and_the_next_drawing_is_read(bench: Bench) -> None:
    for size in (MAX_PICTURE, 50_000_000):
        answer, megabytes = bench.measured(bench.sketchpad, bytes(size * 3 // 4))
        assert "too large to send" in answer
        assert megabytes < MEGABYTES
    assert bench.sketchpad(saved(draw("A"), "PNG")) == "read"


@pytest.mark.filterwarnings("ignore")  # Pillow's, of pictures that stay unread
def test_no_structure_of_a_file_makes_it_cost_more_here(bench: Bench) -> None:
    good = bench.direct(saved(draw("A"), "JPEG"))
    for name, content in quadratic().items():
        begun = time.thread_time()
        answer, megabytes = bench.measured(bench.direct, content)
        assert time.thread_time() - begun < 1, name  # seconds of this thread: another process opens files
        assert megabytes < MEGABYTES + len(content) / 1e6, f"{name}: {megabytes} MB"
        assert answer == good or re.search(CLEAR, answer), f"{name}: {answer}"
        assert bench.direct(saved(draw("A"), "JPEG")) == good
