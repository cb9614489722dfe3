"""A static Space: the page, the network and what runs it in the visitor's browser; no server of one's own.

onnxruntime-web comes from the npm package that `npm ci --prefix web` installs, not from a CDN: visitors then ask nobody
but the Space, its content security policy allows nothing else, and the page works offline once it has been loaded.
"""

import json
import re
from hashlib import sha256
from pathlib import Path

from emnist import hub, store
from emnist.errors import ModelError
from emnist.files import quality
from emnist.text import layers, sequence
from train.publish import export
from train.publish.push import ROOT
from train.publish.remote import Upload, collect, space_card

PAGE = ROOT / "web" / "static"
PACKAGE = ROOT / "web" / "node_modules" / "onnxruntime-web"
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
OWNED = ("local/", "fonts/")  # folders of the Space in which whatever is not uploaded is deleted
VERSION = "development"  # placeholder in sw.js for a checksum of all files, by which browsers notice new ones
NOTE = "A static Space is free for everyone; it reads in the visitor's browser."

CARD = """\
# Handwritten characters

Write letters or digits: a small convolutional network, running in your browser, says what they are and how sure it is.
Nothing that you write leaves your device; there is no server. Once loaded, the page works offline.

{model}- `index.html` and the JavaScript beside it are the page; `local/` turns what is written into EMNIST's form and
  asks the network, `model.onnx`, by onnxruntime-web. Any web server shows the same: `python -m http.server`.
- Of several characters, a second network, `sequence.onnx`, says where they are. It weighs fewer ways to part a line
  than the Python library. In pictures, a third one, `layers.onnx`, tells writing from type and from printed lines.
- Pictures are prepared more simply than by the library: sheets of paper on a table, shadows with hard edges and the
  boxes of forms are not looked for.

Code and weights: MIT license. What comes from others: `LICENSES.md`.
"""
MODEL = """\
- Model: [{repo}](https://huggingface.co/{repo}){revision}. Its card says how it was trained, on what, how well
  it does on which images, and how to repeat that.
"""
LICENSES = """\
# What this Space is made of

- The page and the networks, `index.html`, `*.js`, `local/*.js`, `*.onnx`: MIT license, `LICENSE`.
- `local/ort/`: onnxruntime-web {version}, unchanged: MIT license, `local/ort/LICENSE`. What it is built of is listed at
  <https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt>.
- `fonts/`: SIL Open Font License 1.1, `fonts/OFL.txt`.
"""
COPYRIGHT = re.compile(r"Copyright .*")  # the line by which this project's license differs from onnxruntime-web's


def plan(model: str | None = None) -> list[Upload]:
    """Return the files of a static Space for `model`, or for the built-in one.

    `model` is "user/repo", "user/repo@revision" or a model directory.

    Raises:
        ModelError: there is no such model, onnxruntime-web is not installed, or this is not the whole source tree.
    """
    if not (PAGE / "index.html").is_file():
        raise ModelError("there is no web/static beside train/: deploy from the whole source tree")
    files = {upload.path: upload.content for upload in collect(PAGE, "*", "local/*", "fonts/*")}
    files |= {f"local/ort/{name}": content for name, content in _runtime().items()}
    files["local/constants.json"] = (ROOT / "emnist" / "constants.json").read_bytes()
    repo, revision = (model and hub.repository(model)) or (None, None)
    directory = hub.resolve(model)
    store.load(directory)  # refuses weights that give no answers
    files["model.onnx"] = export.without_views(directory)
    files |= {"sequence.onnx": sequence.onnx(), "layers.onnx": layers.onnx()}
    files["index.html"] = _page(files["index.html"].decode(), repo, directory).encode()
    license_ = (ROOT / "LICENSE").read_text(encoding="utf-8")
    files["LICENSE"] = license_.encode()
    files["local/ort/LICENSE"] = COPYRIGHT.sub("Copyright (c) Microsoft Corporation", license_).encode()
    files["LICENSES.md"] = LICENSES.format(version=_version()).encode()
    files["sw.js"] = _worker(files)
    files["README.md"] = _card(repo, revision).encode()
    return [Upload(path, content) for path, content in files.items()]


def _page(text: str, repo: str | None, directory: Path) -> str:
    """Return index.html with what stands at its foot: how well this model reads, and where it comes from."""
    known = {"quality": " ".join(f"{share:.4f}" for share in quality(directory))}
    known["source"] = f"https://huggingface.co/{repo}" if repo else ""
    data = "".join(f' data-{name}="{value}"' for name, value in known.items() if value)
    return text.replace('<div id="page"', f'<div id="page"{data}', 1)


def _runtime() -> dict[str, bytes]:
    """Return the files of onnxruntime-web that a browser needs."""
    files = {name: PACKAGE / "dist" / name for name in RUNTIME}
    if not all(file.is_file() for file in files.values()):
        raise ModelError("onnxruntime-web is not installed; run `npm ci --prefix web` (Node.js 20 or newer)")
    return {name: file.read_bytes() for name, file in files.items()}


def _version() -> str:
    return str(json.loads((PACKAGE / "package.json").read_text())["version"])


def _worker(files: dict[str, bytes]) -> bytes:
    """Return the service worker, told what to keep for offline use and which version of it this is."""
    kept = sorted(path for path in files if not path.endswith((".md", "LICENSE", "sw.js", "types.js", "preview.png")))
    total = sha256(b"".join(path.encode() + sha256(files[path]).digest() for path in kept)).hexdigest()[:16]
    text = files["sw.js"].decode().replace(f"'{VERSION}'", f"'{total}'")
    return text.replace("['./']", json.dumps(["./", *kept], indent=2)).encode()


def _card(repo: str | None, revision: str | None) -> str:
    """Return README.md of the Space: settings for the Hub, then what visitors may want to know."""
    settings = space_card(
        repo,
        sdk="static",
        app_file="index.html",
        short_description="Write a character, a network in your browser reads it",
    )
    shown = MODEL.format(repo=repo, revision=f", revision `{revision}`" if revision else "") if repo else ""
    return f"---\n{settings.to_yaml()}\n---\n\n{CARD.format(model=shown)}"
