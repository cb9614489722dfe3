"""A push that is refused, by us or by the Hub, or that breaks off, says what to do and changes nothing."""

from pathlib import Path

import pytest
import torch
from loopback import Loopback
from models import METRICS, logits, network, run_folder, saved

from emnist.errors import ModelError
from emnist.files import CONFIG, WEIGHTS
from emnist.files import METRICS as METRICS_FILE
from emnist.hub import pull
from emnist.store import load
from train.publish.push import push

# huggingface_hub 2.4 uploads LFS files with an argument that its HTTP library calls outdated.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return run_folder(tmp_path / "run")


# What is refused before anything is sent


@pytest.mark.parametrize("name", [WEIGHTS, CONFIG])
def test_a_directory_that_does_not_load_is_refused(hub: Loopback, run: Path, name: str) -> None:
    (run / name).write_bytes(b"damaged")
    with pytest.raises(ModelError, match=name):
        push(run, "user/model")
    assert hub.requests == []


def test_a_run_without_metrics_or_results_is_refused(hub: Loopback, run: Path) -> None:
    saved(run, metrics={"training": METRICS["training"]})
    with pytest.raises(ModelError, match="no results; run `python -m train evaluate"):
        push(run, "user/model")
    (run / METRICS_FILE).unlink()
    with pytest.raises(ModelError, match=r"metrics\.json is missing"):
        push(run, "user/model")
    assert hub.requests == []


@pytest.mark.parametrize("results", [[{"dataset": "x", "top1": 0.9}], [1], {"a": 1}, "many"])
def test_metrics_that_a_card_cannot_be_made_from_are_refused(hub: Loopback, run: Path, results: object) -> None:
    saved(run, metrics={**METRICS, "results": results})
    with pytest.raises(ModelError, match="is not what `python -m train evaluate` writes"):
        push(run, "user/model")
    assert hub.requests == []


STRANGE = ("model", "a/b/c", "user/model@v1", "user name/model", "")
FORBIDDEN = ("user/a--b", "user/model.git", "user/-model")  # names that the Hub forbids


@pytest.mark.parametrize("repo", [*STRANGE, *FORBIDDEN])
def test_a_name_that_no_repository_can_have_is_refused(hub: Loopback, run: Path, repo: str) -> None:
    with pytest.raises(ModelError, match="write user/repo"):
        push(run, repo)
    assert hub.requests == []


# What the Hub refuses


def test_without_a_token_the_error_says_how_to_get_one(
    hub: Loopback, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(ModelError, match="hf auth login"):
        push(run, "user/model")


def test_a_token_that_is_not_valid_is_named_as_the_reason(
    hub: Loopback, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_expired")
    with pytest.raises(ModelError, match=r"valid token.*HTTP 401"):
        push(run, "user/model")


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("exists", [True, False])
def test_a_token_that_may_only_read_is_named_as_the_reason(hub: Loopback, run: Path, exists: bool) -> None:
    if exists:
        hub.add("user/model")
    with pytest.raises(ModelError, match=r"no permission.*settings/tokens.*HTTP 403"):
        push(run, "user/model")


def test_somebody_elses_name_space_is_refused(hub: Loopback, run: Path) -> None:
    with pytest.raises(ModelError, match="HTTP 403"):
        push(run, "somebody/model")


def test_a_token_that_may_write_but_not_create_is_enough_for_a_repository_that_exists(hub: Loopback, run: Path) -> None:
    hub.add("user/model")
    hub.fail("repos/create", 403)
    assert push(run, "user/model").changed


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("where", "status"),
    [
        *(("repos/create", status) for status in (404, 429, 500)),
        *(("/commit/", status) for status in (401, 403, 404, 429, 500, 503)),
        ("/branch/", 500),
        ("/tag/", 403),
        *((where, 500) for where in ("revision/main", "/tree/", "preupload", "objects/batch", "PUT /lfs", "/verify")),
        *((where, 403) for where in ("objects/batch", "PUT /lfs", "/verify")),
    ],
)
def test_any_failure_at_any_step_is_one_line_and_changes_nothing(
    hub: Loopback, run: Path, where: str, status: int
) -> None:
    before = dict(hub.add("user/model").refs)
    hub.fail(where, status, times=99)
    tag = "v1" if "tag" in where else None
    with pytest.raises(ModelError, match=f"HTTP {status}") as caught:
        push(run, "user/model", revision="trial" if "branch" in where else None, tag=tag)
    assert "\n" not in str(caught.value)
    assert where == "/tag/" or hub.repos["models/user/model"].refs == before


@pytest.mark.usefixtures("hasty")
def test_trouble_that_passes_is_waited_out(hub: Loopback, run: Path) -> None:
    for where in ("preupload", "objects/batch", "PUT /lfs"):
        hub.fail(where, 503)
    push(run, "user/model")
    assert torch.equal(logits(load(pull("user/model"))[0]), logits(network()))


@pytest.mark.usefixtures("hasty")
def test_an_upload_that_breaks_off_is_sent_again(hub: Loopback, run: Path) -> None:
    hub.cut("PUT /lfs", after=1000)
    push(run, "user/model")
    assert hub.repos["models/user/model"].files()[WEIGHTS] == (run / WEIGHTS).read_bytes()


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("where", ["PUT /lfs", "/commit/"])
def test_an_upload_that_keeps_breaking_off_changes_nothing_and_can_be_repeated(
    hub: Loopback, run: Path, where: str
) -> None:
    before = dict(hub.add("user/model").refs)
    hub.cut(where, after=1000, times=99)
    with pytest.raises(ModelError, match="cannot be reached"):
        push(run, "user/model")
    assert hub.repos["models/user/model"].refs == before
    hub.faults.clear()
    push(run, "user/model")
    assert torch.equal(logits(load(pull("user/model"))[0]), logits(network()))


def test_with_the_hub_down_the_error_says_so(hub: Loopback, run: Path) -> None:
    with hub.down(), pytest.raises(ModelError, match="cannot be reached; check the connection"):
        push(run, "user/model")
