"""Serve the model on Inference Endpoints: the container imports this file from the root of the model repository."""

import base64
import binascii
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # the package emnist lies next to this file

from emnist import Recognizer  # noqa: E402

TOP = 5  # labels in an answer, unless "top_k" says otherwise


class EndpointHandler:
    """Answers {"inputs": picture, "parameters": {"top_k": 5}} with [{"label": …, "score": …}, …], best first."""

    def __init__(self, path: str | Path = HERE) -> None:
        """Load the model in the directory `path`, which is the repository."""
        self.recognizer = Recognizer.from_pretrained(Path(path))

    def __call__(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the most probable labels of a picture.

        Args:
            data: "inputs" is an image file in base64 (a data URL is fine too), or the PIL image that the container
                makes of a request with an image as its body.

        Raises:
            ValueError: no picture, or no ink in it; the container answers 400 with this text.
        """
        top = (data.get("parameters") or {}).get("top_k", TOP)
        if type(top) is not int or top < 1:
            raise ValueError(f"top_k is {top!r}, but must be a whole number from 1")
        inputs: Any = data.get("inputs")
        found = self.recognizer.predict(decode(inputs) if isinstance(inputs, str) else inputs)
        return [{"label": label, "score": score} for label, score in found.top(top)]


def decode(text: str) -> bytes:
    """Return the bytes that `text` holds in base64."""
    try:
        return base64.b64decode(text.rpartition(",")[2], validate=True)
    except binascii.Error as error:
        raise ValueError(f'"inputs" is not base64: {error}') from error
