"""What the stand-in of the Hub answers to each request; one function a route, the table of them at the end."""

import base64
import json
import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import yaml
from hub import LFS, READER, WRITER, Call, File, Hub, Refused, Reply, reply

COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


def whoami(hub: Hub, call: Call) -> Reply:
    if call.token is None:
        raise Refused(401, message="Invalid username or password.")
    return reply({"type": "user", "name": "user"})


def create(hub: Hub, call: Call) -> Reply:
    call.may_write()
    wanted = call.json
    kind, repo = wanted.get("type", "model") + "s", f"{wanted['organization']}/{wanted['name']}"
    url = f"{hub.url}/{'' if kind == 'models' else kind + '/'}{repo}"
    if wanted["organization"] != "user":
        raise Refused(403, message=f"You don't have the rights to create a repo under {wanted['organization']}")
    if f"{kind}/{repo}" in hub.repos:
        raise Refused(409, body={"error": "You already created this repo", "url": url})
    free = wanted.get("sdk") == "static" or str(wanted.get("hardware")).startswith("zero")
    if kind == "spaces" and not hub.paid and not free:
        raise Refused(402, message="Gradio Spaces need a paid plan")
    made = hub.add(repo, kind=kind, private=wanted.get("visibility") == "private")
    made.hardware = wanted.get("hardware")
    made.variables = {item["key"]: item["value"] for item in wanted.get("variables", [])}
    return reply({"url": url})


def validate_yaml(hub: Hub, call: Call) -> Reply:
    """Check the front matter by the rules of the Hub that a card can break."""
    match = re.match(r"---\n(.*?)\n---\n", call.json["content"], re.DOTALL)
    data = yaml.safe_load(match[1]) if match else {}
    errors = [] if data.get("license") else ["no license"]
    if call.json["repoType"] == "space":
        needed = ("title", "emoji", "sdk", "app_file", *(("sdk_version",) if data.get("sdk") == "gradio" else ()))
        errors += [f"no {key}" for key in needed if not data.get(key)]
        errors += [f"no colour {data.get(key)}" for key in ("colorFrom", "colorTo") if data.get(key) not in COLOURS]
        errors += ["short_description is too long"] if len(data.get("short_description", "")) > 60 else []
    found = {"errors": [{"message": error} for error in errors], "warnings": []}
    return reply(found, 400 if errors else 200)


def preupload(hub: Hub, call: Call) -> Reply:
    repo = call.repo(hub, write=True)
    files = repo.commits[call.commit(repo)]
    return reply({"files": [_mode(item["path"], files.get(item["path"])) for item in call.json["files"]]})


def _mode(path: str, known: File | None) -> dict[str, Any]:
    oid = {} if known is None else {"oid": known.sha256 if known.lfs else known.blob}
    return {"path": path, "uploadMode": "lfs" if LFS.fullmatch(path) else "regular", "shouldIgnore": False, **oid}


def lfs_batch(hub: Hub, call: Call) -> Reply:
    call.repo(hub, write=True)
    return reply({"transfer": "basic", "objects": [_object(hub, item) for item in call.json["objects"]]})


def _object(hub: Hub, item: dict[str, Any]) -> dict[str, Any]:
    if item["oid"] in hub.objects:
        return item
    urls = {"upload": f"{hub.url}/lfs/{item['oid']}", "verify": f"{hub.url}/lfs/{item['oid']}/verify"}
    return {**item, "actions": {name: {"href": url} for name, url in urls.items()}}


def lfs_put(hub: Hub, call: Call) -> Reply:
    if sha256(call.body).hexdigest() != call.groups["oid"]:
        raise Refused(400, message="the content is not what was announced")
    hub.objects[call.groups["oid"]] = call.body
    return reply({})


def lfs_verify(hub: Hub, call: Call) -> Reply:
    if len(hub.objects.get(call.groups["oid"], b"")) != call.json["size"]:
        raise Refused(404, message="no such object")
    return reply({})


def commit(hub: Hub, call: Call) -> Reply:
    repo, lines = call.repo(hub, write=True), [json.loads(line) for line in call.body.splitlines()]
    ref = call.groups["rev"]
    if hub.rivals:
        repo.commit(ref, hub.rivals.pop(0))
    parent = lines[0]["value"].get("parentCommit")
    if "create_pr" in call.query:
        base, ref = call.commit(repo), f"refs/pr/{1 + sum(name.startswith('refs/pr/') for name in repo.refs)}"
        repo.refs[ref] = base
    elif parent not in (None, call.commit(repo)):
        raise Refused(412, message="A commit has happened since. Please refresh and try again.")
    changes: dict[str, File | None] = {}
    for line in lines[1:]:
        changes[line["value"]["path"]] = _change(hub, line["key"], line["value"])
    made = repo.commit(ref, changes)
    request = f"{hub.url}/{call.groups['repo']}/discussions/{ref.split('/')[-1]}" if "create_pr" in call.query else None
    url = f"{hub.url}/{call.groups['repo']}/commit/{made}"
    return reply({"commitUrl": url, "commitOid": made, "pullRequestUrl": request})


def _change(hub: Hub, key: str, value: dict[str, Any]) -> File | None:
    if key == "file":
        return File(base64.b64decode(value["content"]))
    if key == "lfsFile":
        return File(hub.objects[value["oid"]], lfs=True)
    return None


def info(hub: Hub, call: Call) -> Reply:
    repo = call.repo(hub)
    sha = call.commit(repo)
    siblings = [{"rfilename": path} for path in repo.commits[sha]]
    return reply({"id": call.groups["repo"], "sha": sha, "private": repo.private, "siblings": siblings, "tags": []})


def tree(hub: Hub, call: Call) -> Reply:
    repo = call.repo(hub)
    return reply([file.entry(path) for path, file in repo.commits[call.commit(repo)].items()])


def refs(hub: Hub, call: Call) -> Reply:
    repo = call.repo(hub)
    named = [{"name": n, "ref": f"refs/heads/{n}", "targetCommit": c} for n, c in repo.refs.items()]
    return reply({"branches": named, "converts": [], "tags": named})


def branch(hub: Hub, call: Call) -> Reply:
    repo, name = call.repo(hub, write=True), call.groups["rev"]
    if name in repo.refs:
        raise Refused(409, message="Reference already exists")
    repo.refs[name] = repo.refs["main"]
    return reply({})


def tag(hub: Hub, call: Call) -> Reply:
    repo, name = call.repo(hub, write=True), call.json["tag"]
    if name in repo.refs:
        raise Refused(409, message="Tag reference exists already")
    repo.refs[name] = call.commit(repo)
    return reply({})


def resolve(hub: Hub, call: Call) -> Reply:
    repo = call.repo(hub)
    sha = call.commit(repo)
    file = repo.commits[sha].get(call.groups["path"])
    headers = {"X-Repo-Commit": sha}
    if file is None:
        raise Refused(404, "EntryNotFound", "Entry not found")
    if file.lfs:
        hub.objects[file.sha256] = file.content
        linked = {"X-Linked-Etag": f'"{file.sha256}"', "X-Linked-Size": str(len(file.content))}
        return 302, {**headers, **linked, "Location": f"{hub.cdn}/cdn/{file.sha256}"}, b""
    return 200, {**headers, "ETag": f'"{file.blob}"'}, file.content


def cdn(hub: Hub, call: Call) -> Reply:
    return 200, {"ETag": f'"{call.groups["oid"]}"'}, hub.objects[call.groups["oid"]]


def variables(hub: Hub, call: Call) -> Reply:
    repo = call.repo(hub, write=True)
    if call.method == "POST":
        repo.variables[call.json["key"]] = call.json["value"]
    if call.method == "DELETE":
        del repo.variables[call.json["key"]]
    return reply({key: {"value": value} for key, value in repo.variables.items()})


def hardware(hub: Hub, call: Call) -> Reply:
    call.repo(hub, write=True).hardware = call.json["flavor"]
    return runtime(hub, call)


def runtime(hub: Hub, call: Call) -> Reply:
    repo = call.repo(hub)
    if hub.lag:
        hub.lag -= 1
        return reply({"stage": "RUNNING", "hardware": {}, "sha": "0" * 40})
    stage = hub.stages[0] if len(hub.stages) == 1 else hub.stages.pop(0)
    machine = {"current": repo.hardware, "requested": repo.hardware}
    return reply({"stage": stage, "hardware": machine, "sha": repo.refs["main"]})


def logs(hub: Hub, call: Call) -> Reply:
    call.repo(hub, write=True)
    events = [json.dumps({"data": line + "\n", "timestamp": "2026-01-01T00:00:00Z"}) for line in hub.build_log]
    return 200, {"Content-Type": "text/event-stream"}, "".join(f"data: {event}\n\n" for event in events).encode()


REPO = r"(?P<repo>[^/]+/[^/]+)"
API = r"/api/(?P<kind>models|datasets|spaces)/" + REPO
ROUTES: list[tuple[str, str, Callable[[Hub, Call], Reply]]] = [
    ("GET", r"/api/whoami-v2", whoami),
    ("POST", r"/api/repos/create", create),
    ("POST", r"/api/validate-yaml", validate_yaml),
    ("POST", API + r"/preupload/(?P<rev>[^/]+)", preupload),
    ("POST", API + r"/commit/(?P<rev>[^/]+)", commit),
    ("POST", API + r"/branch/(?P<rev>[^/]+)", branch),
    ("POST", API + r"/tag/(?P<rev>[^/]+)", tag),
    ("GET", API + r"(/revision/(?P<rev>[^/]+))?", info),
    ("GET", API + r"/tree/(?P<rev>[^/]+)", tree),
    ("GET", API + r"/refs", refs),
    ("GET|POST|DELETE", API + r"/variables", variables),
    ("GET", API + r"/runtime", runtime),
    ("POST", API + r"/hardware", hardware),
    ("GET", API + r"/logs/(build|run)", logs),
    ("POST", r"/((?P<kind>datasets|spaces)/)?" + REPO + r"\.git/info/lfs/objects/batch", lfs_batch),
    ("PUT", r"/lfs/(?P<oid>\w+)", lfs_put),
    ("POST", r"/lfs/(?P<oid>\w+)/verify", lfs_verify),
    ("HEAD|GET", r"/cdn/(?P<oid>\w+)", cdn),
    ("HEAD|GET", r"/((?P<kind>datasets|spaces)/)?" + REPO + r"/resolve/(?P<rev>[^/]+)/(?P<path>.+)", resolve),
]


def answer(hub: Hub, method: str, target: str, token: str | None, body: bytes) -> Reply:
    """Return the answer to one request."""
    parts = urlsplit(target)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    if token not in (None, WRITER, READER):
        raise Refused(401, message="Invalid credentials in Authorization header")
    for verb, pattern, action in ROUTES:
        match = re.fullmatch(pattern, parts.path)
        if match and method in verb.split("|"):
            groups = {key: unquote(value) for key, value in match.groupdict().items() if value is not None}
            return action(hub, Call(method, query, token, body, groups))
    raise Refused(404, message=f"the stand-in does not know {method} {parts.path}")
