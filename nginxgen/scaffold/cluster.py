"""A preset's cluster.toml made the user's own, and what it and its overlays describe.

Values are replaced where they stand, so that comments stay. What is rendered is proven as everywhere.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from typing import Any, NamedTuple

from nginxgen.conf.target import Target
from nginxgen.loading import Loaded
from nginxgen.loading.sources import TESTS, Sources
from nginxgen.loading.toml_spans import toml_places
from nginxgen.model.cluster import Cluster
from nginxgen.model.schema import validate
from nginxgen.model.upstream import Hash, IpHash
from nginxgen.proven import Rendered, render
from nginxgen.scaffold.wishes import Wishes
from nginxgen.scaffold.words import toml
from nginxgen.source import Path, SourceFile

DOMAIN = "example.org"
"""The domain that the presets serve."""
PORT = 8080
"""The port on which they listen."""
_PORT_OF_HTTP = 80
"""The port that a URL and Host leave away."""
SCHEMA = "cluster.schema.json"
REQUIREMENTS = "requirements.txt"
"""A preset's, when its applications need packages of Python's."""
CONTAINER_PORT = 8000
"""Where a worker listens in a container of its own, as the presets' Dockerfiles have it."""
PHP_PORT = 9000
"""Where php-fpm listens in its image."""


def own_cluster(text: str, wishes: Wishes) -> str:
    """A preset's cluster.toml as it was wished for, with the header by which editors find the schema."""
    changes: list[tuple[int, int, str]] = []
    for path, place in toml_places(text).items():
        value = _value_at(tomllib.loads(text), path)
        if (other := _other(path, value, wishes)) != value:
            changes.append((*place.value, toml(other)))
    for start, end, literal in sorted(changes, reverse=True):
        text = text[:start] + literal + text[end:]
    return f"#:schema ./{SCHEMA}\n\n{text}"


def _other(path: Path, value: Any, wishes: Wishes) -> Any:
    """What stands at a path instead of the preset's value."""
    keys = tuple(part for part in path if isinstance(part, str))
    if keys in (("server", "listen"), ("server", "listen", "address")) and value == PORT:
        return wishes.port
    if keys in (("server", "server_name"), ("server", "redirect_from")) and isinstance(value, str) and wishes.host:
        is_ours = value == DOMAIN or value.endswith(f".{DOMAIN}")
        return value.removesuffix(DOMAIN) + wishes.host if is_ours else value
    if keys[:1] == (TESTS,) and isinstance(value, str):
        said = re.sub(rf"\b{re.escape(DOMAIN)}\b", wishes.host or DOMAIN, value)
        return re.sub(rf":{PORT}\b", "" if wishes.port == _PORT_OF_HTTP else f":{wishes.port}", said)
    if keys == ("nginx", "target") and wishes.target:
        return wishes.target
    return value


def _value_at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


class Group(NamedTuple):
    """One application of a deployment, as what starts it needs to know it."""

    name: str
    command: tuple[str, ...]
    """Its words, in which ``{port}`` stands for the port; none when its image says what runs."""
    ports: tuple[int, ...]
    """The ports of its processes on a host; none when something else starts it there."""
    inside: int
    """Its port in a container of its own."""
    health: str | None
    """The path that is asked for whether it works."""
    keeps_clients: bool
    """Whether a client, or whoever it talks to, belongs to one process; behind one name there is no telling which."""


class Described(NamedTuple):
    """What a cluster.toml describes, as far as a deployment's other files depend on it."""

    groups: tuple[Group, ...]
    root: str | None
    """The folder of the files that nginx serves, when there are some."""
    site: str | None
    """The host whose files they are."""
    has_tests: bool


def describe(text: str) -> Described:
    """What a deployment's cluster.toml describes."""
    cluster = _loaded([("cluster.toml", text)]).cluster
    groups = []
    for name, upstream in cluster.upstream.items():
        keeps = isinstance(upstream.balance, Hash | IpHash) or upstream.sticky is not None
        if (workers := upstream.workers) is None:
            groups.append(Group(name, (), (), PHP_PORT, None, keeps))
            continue
        first = int(workers.port or 0)
        ports = tuple(range(first, first + int(workers.count or 1)))
        health = workers.ready.path if workers.ready else None
        groups.append(Group(name, workers.command, ports, CONTAINER_PORT, health, keeps))
    sites = (
        name
        for server in cluster.server
        for location in server.location
        for name in server.server_name
        if location.path == "/" and location.try_files
    )
    return Described(tuple(groups), cluster.http.root, next(sites, None), bool(cluster.test))


def files_test(
    wishes: Wishes, described: Described, root: str | None, shipped: Collection[str]
) -> dict[str, Any] | None:
    """What an overlay's test says of the files that nginx serves, when they are elsewhere than beside cluster.toml.

    Args:
        wishes: the deployment's.
        described: what its cluster.toml describes.
        root: where the files are.
        shipped: the deployment's files, by their paths inside the folder.
    """
    if root is None or described.root is None or described.site is None:
        return None
    port = "" if wishes.port == _PORT_OF_HTTP else f":{wishes.port}"
    names = [name.removeprefix(described.root) for name in shipped if name.startswith(f"{described.root}/")]
    return {
        "name": f"files are served from {root}",
        "request": f"http://{described.site}{port}/robots.txt",
        "files": {f"{root}{name}": "stand-in" for name in [*names, "/robots.txt"]},
    }


def rendered(files: list[tuple[str, str]], target: Target | None = None) -> Rendered:
    """The proven nginx.conf of a deployment's files, by name and text, later ones over earlier ones.

    Raises:
        ConfigError: when the target cannot do what they say.
    """
    return render(_loaded(files), target)


def _loaded(files: list[tuple[str, str]]) -> Loaded:
    sources = Sources([(SourceFile(name, text), tomllib.loads(text)) for name, text in files])
    return Loaded(validate(Cluster, sources.data()), sources)
