"""The main level, filled in."""

from __future__ import annotations

from typing import Any

from nginxgen.expand.serving import WEBSOCKET_TIMEOUT
from nginxgen.expand.work import Work
from nginxgen.model.location import Location
from nginxgen.model.main import Nginx
from nginxgen.model.walk import walk

# nginx's own 512 connections are few for a proxy, which needs two for each client; without the second setting
# nginx warns when the shell's limit is lower (src/event/ngx_event.c).
CONNECTIONS = 4096
FILES = 2 * CONNECTIONS


def expand_main(work: Work) -> Nginx:
    """The main level as nginx is told it."""
    said = work.cluster.nginx.said()
    said.pop("target", None)
    if work.recommended:
        _recommend(said, work)
    return Nginx.trusted(said)


def _recommend(said: dict[str, Any], work: Work) -> None:
    said.setdefault("worker_processes", "auto")
    events = said.get("events", work.cluster.nginx.events)
    if events.worker_connections is None:
        said["events"] = events.but(worker_connections=CONNECTIONS)
        said.setdefault("worker_rlimit_nofile", FILES)
    # Without it, workers that a reload replaced live for as long as their WebSockets (nginx 1.11.11).
    if any(isinstance(one, Location) and one.websocket for _, one in walk(work.cluster.server, ("server",))):
        said.setdefault("worker_shutdown_timeout", WEBSOCKET_TIMEOUT)
