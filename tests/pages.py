"""The models of a page: the files of the built-in one, and some that have been loaded."""

from emnist.hub import FILES, PRETRAINED
from web.models import Models


def files() -> dict[str, bytes]:
    return {name: (PRETRAINED / name).read_bytes() for name in FILES}


def started(*sources: str) -> Models:
    found = Models(sources)
    found.start()
    found.get()
    return found
