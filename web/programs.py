"""The endpoints for programs, and for agents where MCP is installed: each takes one picture."""

import asyncio
import base64
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import gradio as gr
from gradio.events import api

from emnist import NoInkError, Recognizer, UnreadableImageError
from web.models import Models
from web.uploads import KEPT, Uploads, is_name

Value = TypeVar("Value")
REFUSALS = (NoInkError, UnreadableImageError)
HANDS = 2  # most pictures read at the same time; those of the page are counted apart
DATA_URL = re.compile(r"data:image/[\w.+-]{1,40};base64,")
ELSEWHERE = re.compile(r"\s*(https?|ftp|file):", re.IGNORECASE)


class Programs:
    """The functions behind the endpoints."""

    def __init__(self, models: Models, uploads: Uploads) -> None:
        self.models, self.uploads = models, uploads
        self._hands = asyncio.Semaphore(HANDS)  # waiting for it takes no thread

    def offer(self) -> None:
        """Add the endpoints to the page that is being built."""
        api(self.predict, queue=False)
        api(self.transcribe, queue=False)

    async def predict(self, picture: str) -> dict[str, float]:
        """Recognise the one handwritten letter or digit in a picture.

        Args:
            picture: image file as a data URL, as base64 or as the path that an upload gave; no web address

        Returns:
            The confidence of every character that the model knows, summing to 1.
        """
        return await self._asked(picture, lambda model, content: model.predict(content).probabilities)

    async def transcribe(self, picture: str) -> dict[str, Any]:
        """Read all the separate handwritten letters and digits in a picture.

        Args:
            picture: image file as a data URL, as base64 or as the path that an upload gave; no web address

        Returns:
            The text, line by line, and each character with its confidence, its box in pixels and alternatives.
        """
        return await self._asked(picture, lambda model, content: model.transcribe(content).to_json())

    async def _asked(self, given: Any, read: Callable[[Recognizer, bytes], Value]) -> Value:
        """Return what `read` returns of the picture that is given."""
        content = self._content(given)
        try:
            async with self._hands:
                return await asyncio.to_thread(lambda: read(self.models.get()[0].recognizer, content))
        except REFUSALS as error:
            raise _refusal(str(error)) from error

    def _content(self, given: Any) -> bytes:
        """Return the bytes of an image file; gradio_client names an upload by a dict, and so do pages of its kind."""
        ways = [given.get("path"), given.get("url")] if isinstance(given, dict) else [given]
        texts = [way for way in ways if isinstance(way, str) and way]
        if not texts:
            raise _refusal("Give one image file.")
        for text in texts:
            if (content := self.uploads.find(text)) is not None:
                return content
        if any(map(ELSEWHERE.match, texts)):
            raise _refusal("This server fetches nothing from elsewhere; send the file itself.")
        for text in texts:
            with suppress(ValueError):
                if not is_name(text):
                    return base64.b64decode(DATA_URL.sub("", text, count=1), validate=True)
        minutes = round(KEPT / 60)
        raise _refusal(f"This is no upload of the last {minutes} minutes, no data URL of an image, and not base64.")


def _refusal(text: str) -> gr.Error:
    return gr.Error(text, print_exception=False)
