"""What went wrong between here and the Hub, and what to do about it, in one line."""

import errno
from json import JSONDecodeError

from huggingface_hub.errors import (  # type: ignore[attr-defined]
    HFValidationError,
    HTTPError,
    RevisionNotFoundError,
)

# Errors of a cache to which nothing can be written.
UNWRITABLE = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR)
ADVICE = {  # what to do, by HTTP status
    400: "the Hub does not accept the request; is huggingface_hub up to date?",
    401: "not there, or only with a valid token: check the name, run `hf auth login` or set HF_TOKEN",
    402: "this needs a paid plan: see huggingface.co/pricing",
    403: "no permission: ask for access on its page; to push, make a token that can write (settings/tokens)",
    404: "no such repository, or a private one that this token may not see: check the name",
    409: "it exists already; choose another name",
    412: "somebody else keeps committing; try again",
    413: "too large for the Hub",
    507: "the storage of this account is full: see huggingface.co/settings/billing",
    429: "too many requests; try again in a few minutes",
    500: "the Hub has a problem; try again later (status.huggingface.co)",
}


def explain(error: BaseException) -> str:
    """Return in one line what went wrong between here and the Hub, and what to do."""
    chain: list[BaseException] = [error]
    while chain[-1].__cause__ is not None:
        chain.append(chain[-1].__cause__)
    if isinstance(error, HFValidationError):
        return "no repository has such a name; write user/repo"
    if isinstance(error, RevisionNotFoundError):
        return "no such revision; give a branch, a tag, a commit in full or refs/pr/N"
    for link in chain:  # the client wraps errors: what the Hub said is further down
        if (response := getattr(link, "response", None)) is not None:
            if "storage" in str(link).lower() and response.status_code == 403:
                return f"{ADVICE[507]} (HTTP 403)"
            return f"{ADVICE.get(response.status_code, ADVICE[500])} (HTTP {response.status_code})"
    if any(isinstance(link, HTTPError | ConnectionError) for link in chain):
        return "the Hub cannot be reached; check the connection and try again"
    if isinstance(error, JSONDecodeError | TypeError | AttributeError | KeyError):
        return "what answers is not the Hub; log in to this network in a browser, or check the proxy and HF_ENDPOINT"
    if isinstance(error, OSError) and error.errno in UNWRITABLE:
        return f"{error.filename or 'the cache'}: {error.strerror}"
    return f"{type(error).__name__}: {(str(error).strip() or 'no reason given').splitlines()[0]}"
