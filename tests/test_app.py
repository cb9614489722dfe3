"""Checks the running app from outside: its endpoint for programs, its limits, and what it gives away."""

import ast
import base64
import csv
import io
import json
import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import drawings
import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from serving import ROOT, awaited, process, serving

from emnist import Recognizer
from web.corrections import Corrections
from web.routes import MAX_PICTURE, MAX_UPLOAD

PLAIN = ("info", "openapi.json", "startup-events")  # addresses that Gradio answers by itself


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving(folder, HF_TOKEN="hf_a_secret") as address:
        yield address


@pytest.fixture(scope="module")
def client(address: str, folder: Path) -> Iterator[Client]:
    client = Client(address, verbose=False, analytics_enabled=False, download_files=folder / "downloads")
    yield client
    client.close()


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.png"
    drawings.draw("T").save(path)
    return path


def run(address: str, name: str, data: list[Any]) -> httpx.Response:
    """Call the page's own handler of that name, as the page does."""
    body = {"data": data, "session_hash": "test"}
    return httpx.post(f"{address}/gradio_api/run/{name}", json=body, timeout=60)


def read(address: str, question: Any) -> httpx.Response:
    return run(address, "read", [question])


def test_a_program_gets_the_confidence_of_every_class_unrounded(client: Client, letter: Path) -> None:
    answer = client.predict(handle_file(str(letter)), api_name="/predict")
    assert answer == pytest.approx(Recognizer.from_pretrained().predict(letter).probabilities, abs=1e-6)
    assert sum(answer.values()) == pytest.approx(1, abs=1e-5)


def test_agents_get_the_same_answer_where_mcp_is_installed(address: str, letter: Path) -> None:
    mcp = pytest.importorskip("mcp", reason="gradio[mcp] is not installed")
    from mcp.client.streamable_http import streamable_http_client

    async def ask() -> Any:
        async with (
            streamable_http_client(f"{address}/gradio_api/mcp/") as (receive, send, _),
            mcp.ClientSession(receive, send) as session,
        ):
            await session.initialize()
            tool, _ = (await session.list_tools()).tools
            return tool, [await session.call_tool("predict", {"picture": way}) for way in ways(address, letter)]

    tool, answers = awaited(ask())
    assert tool.name == "predict"
    assert "data URL, as base64 or as the path" in tool.inputSchema["properties"]["picture"]["description"]
    for answer in answers:
        assert ast.literal_eval(answer.content[0].text) == pytest.approx(
            Recognizer.from_pretrained().predict(letter).probabilities, abs=1e-6
        )


def ways(address: str, picture: Path) -> list[str]:
    """Return a picture in all forms in which a program may give it."""
    text = base64.b64encode(picture.read_bytes()).decode()
    [path] = httpx.post(f"{address}/gradio_api/upload", files={"files": picture.read_bytes()}).json()
    return [path, f"{address}/gradio_api/file={path}", text, f"data:image/png;base64,{text}"]


def test_a_program_without_a_library_gets_it_in_one_request(address: str, letter: Path) -> None:
    expected = pytest.approx(Recognizer.from_pretrained().predict(letter).probabilities, abs=1e-6)
    for way in ways(address, letter):
        for given in (way, {"path": way, "meta": {"_type": "gradio.FileData"}}, {"path": None, "url": way}):
            answer = httpx.post(f"{address}/gradio_api/run/predict", json={"data": [given]}, timeout=60)
            assert answer.json()["data"] == [expected]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "one image file"),
        (5, "one image file"),
        ({}, "one image file"),
        ("/etc/passwd", "no upload"),
        ({"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, "no upload"),
        ("uploads/../../etc/passwd", "no upload"),
        ("uploads/" + "0" * 32, "no upload of the last 5 minutes"),
        ("data:text/html;base64,AAAA", "no data URL of an image"),
        ("https://elsewhere.example/x.png", "fetches nothing"),
        ({"path": "x", "url": "https://elsewhere.example/x.png"}, "fetches nothing"),
        ({"path": "http://127.0.0.1:1/x.png", "meta": {"_type": "gradio.FileData"}}, "fetches nothing"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(address: str, given: Any, said: str) -> None:
    answer = httpx.post(f"{address}/gradio_api/run/predict", json={"data": [given]}, timeout=60)
    assert answer.status_code == 500
    assert re.search(said, answer.json()["error"])
    assert "root:" not in answer.text


def test_a_program_gets_the_text_of_a_picture_of_several_characters(client: Client, tmp_path: Path) -> None:
    card = drawings.Image.new("RGB", (600, 300), "white")
    for number, character in enumerate("A7"):
        card.paste(drawings.draw(character), (10 + 290 * number, 10))
    card.save(tmp_path / "card.png")
    answer = client.predict(handle_file(str(tmp_path / "card.png")), api_name="/transcribe")
    expected = Recognizer.from_pretrained().transcribe(tmp_path / "card.png").to_json()
    assert (answer["text"], set(answer)) == (expected["text"], set(expected))
    assert [each["box"] for each in answer["characters"]] == [each["box"] for each in expected["characters"]]
    assert answer["text"].replace(" ", "") == "A7"


def test_programs_see_two_endpoints(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)
    assert list(endpoints["named_endpoints"]) == ["/predict", "/transcribe"]
    assert not endpoints["unnamed_endpoints"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("blank.png", None, "blank"),
        ("broken.png", b"\x89PNG\r\n\x1a\n\x00\x00", "damaged"),
        ("empty.png", b"", "not a picture"),
        ("page.html", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
    ],
)
def test_a_picture_that_cannot_be_read_is_an_error_that_says_why_and_the_next_call_works(
    client: Client, letter: Path, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is None:
        drawings.Image.new("RGB", (80, 80), "white").save(path)
    else:
        path.write_bytes(content)
    with pytest.raises(AppError, match=message):
        client.predict(handle_file(str(path)), api_name="/predict")
    assert client.predict(handle_file(str(letter)), api_name="/predict")


def test_an_upload_beyond_the_limit_is_refused(address: str) -> None:
    files = {"files": ("large.png", b"\0" * (MAX_UPLOAD + 1))}
    assert httpx.post(f"{address}/gradio_api/upload", files=files, timeout=60).status_code == 413


def test_a_body_beyond_the_limit_is_refused_whether_or_not_its_length_is_announced(address: str) -> None:
    body = b" " * (MAX_PICTURE + 1)
    url = f"{address}/gradio_api/run/read"
    assert httpx.post(url, content=body, timeout=60).status_code == 413
    chunks = (body[i : i + 65536] for i in range(0, len(body), 65536))
    assert httpx.post(url, content=chunks, timeout=60).status_code == 413


DOT = [[[0.0, 0.0]]]


@pytest.mark.parametrize(
    "question",
    [
        None,
        "text",
        7,
        [],
        {},
        {"turn": 1},
        {"turn": "1", "strokes": DOT},
        {"turn": -1, "strokes": DOT},
        {"turn": 1e300, "strokes": DOT},
        {"turn": 1, "picture": 5},
        {"turn": 1, "picture": "/etc/passwd"},
        {"turn": 1, "picture": {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}},
        {"turn": 1, "picture": "file:///etc/passwd"},
        {"turn": 1, "picture": "data:image/png,raw"},
        {"turn": 1, "picture": "data:image/png;base64,€"},
        {"turn": 1, "picture": "data:image/png;base64,AAAA", "strokes": DOT},
        {"turn": 1, "strokes": []},
        {"turn": 1, "strokes": [[]]},
        {"turn": 1, "strokes": [[[0]]]},
        {"turn": 1, "strokes": [[[0, "0"]]]},
        {"turn": 1, "strokes": [[[0, 1e300]]]},
        {"turn": 1, "strokes": [[[True, 0]]]},
        {"turn": 1, "strokes": [DOT[0] * 30_000]},
        {"turn": 1, "strokes": DOT * 600},
        {"turn": 1, "strokes": DOT, "focus": -1},
        {"turn": 1, "strokes": DOT, "want": "steps"},
        {"turn": 1, "strokes": DOT, "want": ["everything"]},
        {"turn": 1, "strokes": DOT, "more": 1},
    ],
)
def test_what_no_page_asks_is_refused_in_one_sentence(address: str, question: Any) -> None:
    answer = read(address, question)
    assert answer.status_code == 500
    assert any(word in answer.json()["error"] for word in ("question", "turn", "picture", "stroke", "focus", "wanted"))
    assert "root:" not in answer.text


@pytest.mark.parametrize("picture", ["data:image/png;base64,", "data:image/png;base64,AAAA"])
def test_a_data_url_that_is_no_picture_is_answered_with_a_note(address: str, picture: str) -> None:
    [answer] = read(address, {"turn": 3, "picture": picture}).json()["data"]
    assert (answer["status"], answer["turn"]) == ("note", 3)
    assert answer["note"]


@pytest.mark.parametrize("only", [None, 7, [], {}, ["digits"], "../..", "é", "a b", "a" * 501])
def test_a_restriction_that_the_page_does_not_offer_is_refused(address: str, only: Any) -> None:
    answer = read(address, {"turn": 1, "strokes": DOT, "only": only})
    assert answer.status_code == 500
    assert "restriction" in answer.json()["error"]


@pytest.mark.parametrize(
    "path", ["/etc/passwd", str(ROOT / "app.py"), "app.py", "../app.py", "emnist/pretrained/config.json"]
)
@pytest.mark.parametrize(
    "route", ["/file=", "/gradio_api/file=", "/gradio_api/file/", "/static/", "/assets/", "/svelte/"]
)
def test_no_file_of_the_server_can_be_read(address: str, route: str, path: str) -> None:
    answer = httpx.get(f"{address}{route}{path}")
    assert answer.status_code in (403, 404)


def test_every_response_says_what_a_browser_may_do_with_it(address: str) -> None:
    for path in ("/", "/config", "/theme.css"):
        headers = httpx.get(address + path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "https://*.hf.space" in headers["content-security-policy"]


@pytest.mark.parametrize("host", ["127.0.0.1", "letters.example", "user-space.hf.space"])
@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("https://elsewhere.example", False),
        ("https://huggingface.co.evil.example", False),
        ("http://huggingface.co", False),
        ("null", False),
        ("https://huggingface.co", True),
        ("https://user-space.hf.space", True),
    ],
)
def test_only_sites_that_may_show_the_page_may_read_its_answers_and_never_with_cookies(
    address: str, host: str, origin: str, may: bool
) -> None:
    headers = {"Origin": origin, "Host": host}
    asking = {**headers, "Access-Control-Request-Method": "POST"}
    for answer in (
        httpx.get(f"{address}/config", headers=headers),
        httpx.options(f"{address}/gradio_api/run/read", headers=asking),
    ):
        given = answer.headers.get("access-control-allow-origin")
        assert given == (origin if may and host != "127.0.0.1" else None)
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("POST", f"/gradio_api/{at}") for at in ("process_recording", "component_server", "vibe-edit", "stream/x")),
        *(("GET", f"/gradio_api/{at}") for at in ("dev/reload", "deep_link?session_hash=x", "runs", "queue/status")),
        *(("GET", f"/gradio_api/{at}") for at in ("upload_progress?upload_id=x", "mcp/sse", "app_id", "token")),
        *(("GET", f"/gradio_api/heartbeat/{at}") for at in ("x" * 65, "x/y", "%20")),
        *(("GET", f"/{at}") for at in ("monitoring", "monitoring/summary", "manifest.json", "pwa_icon", "svelte/x")),
        *(("POST", "/login"), ("DELETE", "/")),
    ],
)
def test_what_neither_the_page_nor_programs_need_is_not_there(address: str, method: str, path: str) -> None:
    answer = httpx.request(method, address + path, headers={"X-Forwarded-Host": "elsewhere.example"})
    assert (answer.status_code, answer.json()["error"]) == (404, "There is nothing at this address.")


def test_the_front_end_is_served_with_its_types_and_asked_for_again_only_when_it_changed(address: str) -> None:
    first = httpx.get(f"{address}/static/types.js")
    assert "/javascript" in first.headers["content-type"]
    assert first.headers["cache-control"] == "no-cache"
    again = httpx.get(f"{address}/static/types.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert httpx.get(f"{address}/static/js/iframeResizer.contentWindow.min.js").status_code == 200  # Gradio's own


@pytest.mark.parametrize("route", ["file=", "file/", "proxy=", "FILE=", "file=%20"])
def test_the_server_fetches_no_page_for_anybody(address: str, route: str) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as elsewhere:
        answer = httpx.get(f"{address}/gradio_api/{route}http://127.0.0.1:{elsewhere.server_port}/x")
    assert answer.status_code in (403, 404)


@pytest.mark.parametrize("name", ["../../../escaped.png", "/etc/escaped.png", "..\\escaped.png", "x" * 300 + ".png"])
def test_an_upload_reaches_no_disk_whatever_its_name(address: str, letter: Path, folder: Path, name: str) -> None:
    [path] = httpx.post(f"{address}/gradio_api/upload", files={"files": (name, letter.read_bytes())}).json()
    assert re.fullmatch(r"uploads/[0-9a-f]{32}", path)
    assert not [*folder.parent.rglob("escaped*"), *folder.rglob("*.png")]
    assert not [file for file in (folder / "uploads").rglob("*") if file.is_file()]


@pytest.mark.parametrize("files", [{}, {"other": b"x"}, {"files": b""}])
def test_an_upload_without_a_file_is_refused_in_words(address: str, files: dict[str, bytes]) -> None:
    answer = httpx.post(f"{address}/gradio_api/upload", files=files)
    assert answer.status_code == (200 if "files" in files else 400)
    assert "files" in files or "multipart/form-data" in answer.json()["error"]


@pytest.mark.parametrize("name", ["session_hash", "event_id"])
def test_a_long_name_of_a_session_is_refused(address: str, name: str) -> None:
    for route in ("run/predict", "queue/join"):
        body = {"data": ["AAAA"], "fn_index": 0, "session_hash": "x", name: "x" * 65}
        assert httpx.post(f"{address}/gradio_api/{route}", json=body).status_code == 422


@pytest.mark.parametrize("path", ["", "config", "nowhere", *(f"gradio_api/{n}" for n in PLAIN)])
def test_no_answer_gives_away_a_secret_of_the_environment_or_a_path(address: str, path: str) -> None:
    text = httpx.get(f"{address}/{path}").text
    assert "hf_a_secret" not in text
    assert str(ROOT) not in text


def test_an_address_that_sends_too_much_is_told_so_and_others_are_served(address: str) -> None:
    url = f"{address}/gradio_api/call/nothing"
    with (
        httpx.Client(headers={"X-Forwarded-For": "203.0.113.7"}, timeout=60) as greedy,
        ThreadPoolExecutor(8) as hands,  # they send faster than the allowance grows again
    ):
        answers = list(hands.map(lambda _: greedy.post(url), range(400)))  # each counts as four requests
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert "wait" in refused[0].json()["error"]
    assert httpx.post(url, headers={"X-Forwarded-For": "203.0.113.8"}).status_code != 429


def test_a_model_that_cannot_be_had_is_named_and_proxies_do_not_stop_a_page_that_needs_none(tmp_path: Path) -> None:
    proxies = {"http": "http://127.0.0.1:9", "https": "http://127.0.0.1:9", "all": "socks5://127.0.0.1:9"}
    settings = {name: proxy for kind, proxy in proxies.items() for name in (f"{kind}_proxy", f"{kind}_PROXY".upper())}
    settings |= {"no_proxy": "", "NO_PROXY": "", "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path / "hub")}
    with serving(tmp_path, "--model", "nobody/nothing", **settings) as address:
        [welcome] = run(address, "welcome", []).json()["data"]
    for words in ("nobody/nothing", "Hub cannot be reached", "built-in model answers"):
        assert words in welcome["notices"][0]
    assert welcome["labels"] == list(Recognizer.from_pretrained().labels)


def test_what_was_under_way_is_answered_before_the_app_ends_and_it_waits_for_nothing_else(tmp_path: Path) -> None:
    with process(tmp_path) as (address, app):
        words = {"data": [{**drawn(), "want": ["steps", "attention"]}], "session_hash": "test"}
        body = json.dumps(words).encode()
        visitors = [begun(address, body) for _ in range(4)]
        with httpx.stream("GET", f"{address}/gradio_api/heartbeat/test", timeout=60):
            start = time.monotonic()
            app.send_signal(signal.SIGTERM)
            while listens(address):
                time.sleep(0.01)
            for visitor in visitors:
                visitor.send(body)
            answers = [visitor.getresponse() for visitor in visitors]
            assert [answer.status for answer in answers] == [200] * 4
            assert all(json.loads(answer.read())["data"] for answer in answers)
            assert app.wait(60) == 0
        assert time.monotonic() - start < 30  # it takes five seconds on an idle machine
    for visitor in visitors:
        visitor.close()


def drawn() -> dict[str, Any]:
    """Return what the page asks about a picture of a T."""
    file = io.BytesIO()
    drawings.draw("T").save(file, "PNG")
    return {"turn": 1, "picture": "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()}


def begun(address: str, body: bytes) -> HTTPConnection:
    """Return a connection on which the app has begun to read a request: it has asked for the `body`."""
    connection = HTTPConnection(address.removeprefix("http://"), timeout=60)
    connection.putrequest("POST", "/gradio_api/run/read")
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Expect": "100-continue"}
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
    return connection


def listens(address: str) -> bool:
    host, port = address.removeprefix("http://").split(":")
    with socket.socket() as visitor:
        return visitor.connect_ex((host, int(port))) == 0


def test_corrections_that_were_thanked_for_survive_a_kill_and_a_restart(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    with process(tmp_path / "app", "--feedback", str(kept)) as (address, app):
        told = [run(address, "correct", [drawn(), label]).json()["data"] for label in "01234"]
        app.kill()
    Corrections(kept).add(drawings.draw("T"), "5", "T", 0.9, "built-in model")
    with (kept / "corrections.csv").open(newline="") as table:
        rows = list(csv.DictReader(table))
    assert told == [[""]] * 5
    assert [row["label"] for row in rows] == list("012345")
    assert all((kept / row["file"]).stat().st_size for row in rows)


@pytest.mark.parametrize("minutes", ["soon", "inf"])
def test_a_wrong_option_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], minutes: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", "--refresh", minutes])
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(ROOT / "app.py"), run_name="__main__")
    assert stopped.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "--refresh" in line


@pytest.mark.parametrize("more", [["--feedback", "app.py"], ["--feedback-repo", "user/corrections"]])
def test_corrections_that_would_be_kept_nowhere_are_refused_at_the_start(more: list[str]) -> None:
    done = subprocess.run([sys.executable, "app.py", *more], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert "--feedback" in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRADIO_SERVER_NAME", "192.0.2.1"),  # RFC 5737: no computer's
        ("GRADIO_SERVER_NAME", "nowhere.invalid"),
        ("GRADIO_SERVER_NAME", "a..b"),
        *(("GRADIO_SERVER_PORT", value) for value in ("abc", "0", "-5", "7860.5", "65536")),
        ("GRADIO_NUM_PORTS", "abc"),
        ("GRADIO_NUM_PORTS", "0"),
        ("EMNIST_RATE", "many"),
        ("EMNIST_REFRESH_MINUTES", "soon"),
        ("EMNIST_FEEDBACK_DIR", "app.py"),
    ],
)
def test_a_variable_with_a_value_that_cannot_be_used_is_named_in_a_line(name: str, value: str) -> None:
    words, settings = [sys.executable, "app.py"], {**os.environ, name: value}
    done = subprocess.run(words, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=100)
    assert done.returncode == (1 if name == "GRADIO_NUM_PORTS" else 2)
    [line] = done.stderr.splitlines()
    assert {"EMNIST_FEEDBACK_DIR": "--feedback", "GRADIO_NUM_PORTS": "GRADIO_"}.get(name, name) in line


EMPTY = ("GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", "EMNIST_MODEL", "EMNIST_RATE", "EMNIST_REFRESH_MINUTES")


@pytest.mark.parametrize(
    ("options", "variables"),
    [
        ([], dict.fromkeys(EMPTY, "")),
        (["--host", "localhost", "--port", "7999"], {"GRADIO_SERVER_NAME": "192.0.2.1", "GRADIO_SERVER_PORT": "abc"}),
    ],
    ids=["empty variables count as not set", "options override variables"],
)
def test_the_page_is_where_the_app_says(options: list[str], variables: dict[str, str]) -> None:
    words = [sys.executable, "app.py", *options]
    with subprocess.Popen(words, cwd=ROOT, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout
        said = app.stdout.readline()
        try:
            assert httpx.get(f"{said.split()[-1]}config").status_code == 200
        finally:
            app.terminate()
