"""One app and one Chromium for all browser tests; each page has a context of its own and must stay clean."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, DESKTOP, chromium, visit
from models import only_digits
from playwright.sync_api import Browser, Page
from serving import serving

from emnist.hub import PRETRAINED
from emnist.store import load, save

Visit = Callable[..., Page]
UNLIMITED = {"EMNIST_RATE": "0"}  # on a machine that does much else, slow answers would count against the visitor


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="session")
def corrections(folder: Path) -> Path:
    return folder / "corrections"


@pytest.fixture(scope="session")
def address(folder: Path, corrections: Path, browser: Browser) -> Iterator[str]:
    with serving(folder, "--feedback", str(corrections), **UNLIMITED) as address:
        yield address


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model that knows only digits."""
    network, labels = load(PRETRAINED)
    folder = tmp_path_factory.mktemp("models") / "ten digits"
    save(folder, only_digits(network), labels[:10], {})
    return folder


@pytest.fixture(scope="session")
def comparing(digits: Path, browser: Browser) -> Iterator[str]:
    """Yield the address of an app with two models: the built-in one, and one that knows only digits."""
    everything = digits.parent / "everything"
    save(everything, *load(PRETRAINED), {})
    with serving(digits.parent / "app", "--model", str(everything), "--model", str(digits), **UNLIMITED) as address:
        yield address


@pytest.fixture(scope="session")
def ten(digits: Path, browser: Browser) -> Iterator[str]:
    """Yield the address of an app whose one model knows only digits."""
    with serving(digits.parent / "ten", "--model", str(digits), **UNLIMITED) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Visit]:
    """Open pages; afterwards none of them may have logged an error or asked anybody but the app for anything."""
    complaints: list[str] = []
    pages: list[Page] = []

    def watch(page: Page) -> None:
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: None if _ours(request.url) else complaints.append(request.url))

    def go(to: str = address, **device: Any) -> Page:
        pages.append(visit(browser, to, watch, **(device or DESKTOP)))
        return pages[-1]

    yield go
    for page in pages:
        page.context.close()
    assert not complaints


@pytest.fixture
def page(open_page: Visit) -> Page:
    """Return the page on a desktop."""
    return open_page()


def _ours(url: str) -> bool:
    return url.startswith(("data:", "blob:", "http://127.0.0.1:"))
