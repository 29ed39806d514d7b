"""What the library's door offers: functions, the model's classes, errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nginxgen.atomic import write_file
from nginxgen.conf.target import Target
from nginxgen.conf.tree import Directive
from nginxgen.diagnostic import Diagnostic, Severity
from nginxgen.errors import ConfigError, NginxgenError, OutputBug, TemplateError, Unavailable
from nginxgen.expand import expand
from nginxgen.foreign import read_configuration
from nginxgen.lint.engine import lint, lint_rendered
from nginxgen.lint.rule import Subject
from nginxgen.loading import Loaded, read_files
from nginxgen.loading.sources import Sources
from nginxgen.model.cluster import Cluster
from nginxgen.model.http import Http
from nginxgen.model.json_schema import json_schema
from nginxgen.model.lint import Lint
from nginxgen.model.location import Location
from nginxgen.model.main import Events, Nginx
from nginxgen.model.maps import Geo, GeoEntry, Map, MapEntry, ShareEntry, SplitClients
from nginxgen.model.records import (
    AccessLog,
    AccessRule,
    AddHeader,
    Buffers,
    ErrorLog,
    ErrorPage,
    FastcgiParam,
    KeepaliveTimeout,
    LimitConn,
    LimitConnZone,
    LimitReq,
    LimitReqZone,
    LogFormat,
    Resolver,
    Return,
    Rewriting,
    ThreadPool,
    UserAccount,
)
from nginxgen.model.server import Listen, Server
from nginxgen.model.test import BackendAnswer, Expected, Test
from nginxgen.model.tls import Tls
from nginxgen.model.upstream import (
    Hash,
    IpHash,
    Keepalive,
    LeastConn,
    LeastTime,
    Random,
    RoundRobin,
    StickyCookie,
    StickyLearn,
    StickyRoute,
    Upstream,
    UpstreamServer,
    Zone,
)
from nginxgen.model.workers import Probe, Workers
from nginxgen.proof import NotProven, prove
from nginxgen.proof.asking import Verdict, ask_nginx
from nginxgen.proof.binary import find_binary
from nginxgen.proven import Rendered, find_target, judge, render

__all__ = [
    "AccessLog",
    "AccessRule",
    "AddHeader",
    "BackendAnswer",
    "Buffers",
    "Cluster",
    "ConfigError",
    "Diagnostic",
    "Directive",
    "ErrorLog",
    "ErrorPage",
    "Events",
    "Expected",
    "FastcgiParam",
    "Geo",
    "GeoEntry",
    "Hash",
    "Http",
    "IpHash",
    "Keepalive",
    "KeepaliveTimeout",
    "LeastConn",
    "LeastTime",
    "LimitConn",
    "LimitConnZone",
    "LimitReq",
    "LimitReqZone",
    "Lint",
    "Listen",
    "Loaded",
    "Location",
    "LogFormat",
    "Map",
    "MapEntry",
    "Nginx",
    "NginxgenError",
    "NotProven",
    "OutputBug",
    "Probe",
    "Random",
    "Rendered",
    "Resolver",
    "Return",
    "Rewriting",
    "RoundRobin",
    "Server",
    "Severity",
    "ShareEntry",
    "SplitClients",
    "StickyCookie",
    "StickyLearn",
    "StickyRoute",
    "Target",
    "TemplateError",
    "Test",
    "ThreadPool",
    "Tls",
    "Unavailable",
    "Upstream",
    "UpstreamServer",
    "UserAccount",
    "Verdict",
    "Workers",
    "Zone",
    "check",
    "findings",
    "load",
    "render",
    "schema",
    "verify",
    "write",
]


def load(*paths: str | Path) -> Loaded:
    """The cluster that one or more files describe, later ones laid over earlier ones, and where everything was said.

    Raises:
        ConfigError: with every reason, when the files are wrong.
        Unavailable: when one cannot be read.
    """
    loaded = read_files([str(path) for path in paths])
    if loaded.problems:
        _, found = judge(loaded, find_target(loaded, None))
        raise ConfigError(found, loaded.sources)
    return loaded


def verify(text: str, cluster: Cluster | Loaded, target: Target | str | None = None) -> None:
    """Prove that a text, whoever made it, says what a cluster means for a target, and nothing else.

    Raises:
        NotProven: when it does not, with the first difference.
    """
    loaded = cluster if isinstance(cluster, Loaded) else Loaded(cluster, Sources([]))
    meant = find_target(loaded, target)
    prove(text, expand(loaded.cluster, meant).cluster, meant)


def check(rendered: Rendered, nginx: str | Path | None = None) -> Verdict:
    """Ask a real nginx about a text, without root, certificates, name servers, free ports or the target's files.

    Args:
        rendered: what `render` gave.
        nginx: a binary's path; else that of NGINXGEN_NGINX, the one that is found, or the bundled one.

    Raises:
        Unavailable: when there is no nginx, or it cannot be run.
    """
    return ask_nginx(rendered, find_binary(None if nginx is None else str(nginx)))


def findings(what: Rendered | str | Path, target: Target | str | None = None) -> list[Diagnostic]:
    """What the rules find in a rendering, or in a file or folder of nginx's.

    Args:
        what: what `render` gave, or a path.
        target: the nginx that reads the file; any, when it is not said. A rendering has its own.

    Raises:
        Unavailable: when the file cannot be read.
    """
    if isinstance(what, Rendered):
        return lint_rendered(what)
    meant = Target.parse(target or "any") if not isinstance(target, Target) else target
    return lint(Subject(read_configuration([str(what)]), meant))


def schema() -> dict[str, Any]:
    """The JSON Schema of cluster.toml."""
    return json_schema()


def write(path: str | Path, text: str) -> bool:
    """Write a text to a file, whole or not at all, and keep what was there as ``NAME~``; whether anything was written.

    Raises:
        Unavailable: when the file cannot be written; it is then as it was.
    """
    return write_file(path, text)
