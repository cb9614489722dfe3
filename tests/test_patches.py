"""Gradio still has and uses what web/patches.py replaces; if not, the patch is to be thought over, or can go."""

import inspect
from types import ModuleType
from typing import Any

import gradio
import pytest
import uvicorn.config
from gradio import blocks, routes

from web.patches import PATCHES, Readers

USED = {
    "CustomCORSMiddleware": "app.add_middleware(\n            CustomCORSMiddleware,",
    "PredictBody": "body: PredictBody",
    "SimplePredictBody": "body: SimplePredictBody",
    "AutoHTTPProtocol": '"auto": "uvicorn.protocols.http.auto:AutoHTTPProtocol"',
    "async_move_files_to_cache": "await processing_utils.async_move_files_to_cache(",
}


@pytest.mark.parametrize(("module", "name", "ours"), PATCHES, ids=[name for _, name, _ in PATCHES])
def test_what_is_replaced_is_still_there_and_used(module: ModuleType, name: str, ours: Any) -> None:
    versions = f"Gradio {gradio.__version__} or uvicorn {uvicorn.__version__}"
    advice = f"{versions} has changed: look at {name} in web/patches.py"
    assert hasattr(module, name), advice
    assert any(USED[name] in inspect.getsource(user) for user in (routes, blocks, uvicorn.config)), advice
    theirs = getattr(module, name)
    assert not inspect.isclass(ours) or issubclass(ours, theirs), advice
    assert inspect.iscoroutinefunction(ours) == inspect.iscoroutinefunction(theirs), advice


def test_the_rule_for_other_sites_has_the_parts_that_ours_changes() -> None:
    async def app(*_: Any) -> None: ...

    rule = Readers(app, strict_cors=True)
    advice = f"Gradio {gradio.__version__} has changed: look at Readers in web/patches.py"
    assert not any("credentials" in name.lower() for name in {**rule.simple_headers, **rule.preflight_headers}), advice
