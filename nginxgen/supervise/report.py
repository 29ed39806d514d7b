"""What a running system says of itself: the two lines when it serves, and its status."""

from __future__ import annotations

import contextlib
import os
import time
from typing import Any

import psutil

from nginxgen.supervise.group import Group
from nginxgen.supervise.statistics import ServerFigures, Statistics
from nginxgen.supervise.supervisor import Supervisor
from nginxgen.supervise.worker import State, Worker

MIB = 1 << 20


def urls(supervisor: Supervisor) -> list[str]:
    """Where the servers are to be found."""
    found: list[str] = []
    for server in supervisor.loaded.cluster.server:
        names = [one for one in server.server_name if one[:1].isalnum()] or ["localhost"]
        for listen in server.listen:
            _, _, port = listen.socket.rpartition(":")
            if listen.address.startswith("unix:") or not port.isdigit():
                continue
            number = int(port) + supervisor.arrangement.port_offset
            is_tls = bool(listen.ssl or (server.tls and listen.ssl is not False))
            usual = 443 if is_tls else 80
            found.append(f"{'https' if is_tls else 'http'}://{names[0]}{'' if number == usual else f':{number}'}/")
    return list(dict.fromkeys(found))


def summary(supervisor: Supervisor) -> list[str]:
    """Two lines: where it serves, and what runs."""
    groups = [f"{name} ({len(one.workers)})" for name, one in supervisor.groups.items()]
    workers = f"workers of {', '.join(groups)}" if groups else "no workers"
    return [
        f"serving {' '.join(urls(supervisor)[:5]) or 'on sockets'}",
        f"nginx {supervisor.binary.target.lowest}, {workers}; edits are followed, Ctrl-C ends it",
    ]


def describe(supervisor: Supervisor, statistics: Statistics) -> dict[str, Any]:
    """The answer to ``status``."""
    nginx, figures = supervisor.nginx, statistics.per_server()
    return {
        "ok": True,
        "pid": os.getpid(),
        "files": supervisor.files,
        "run": str(supervisor.arrangement.folder),
        "urls": urls(supervisor),
        "nginx": {
            "version": str((nginx.serving.binary if nginx.serving else supervisor.binary).target.lowest),
            "pid": nginx.pid,
            "generation": nginx.serving.told if nginx.serving else "",
            "workers": len(nginx.workers().serving),
            "state": "serving" if nginx.pid else "starting",
        },
        "traffic": _figures(statistics.total()),
        "groups": {
            name: {
                "workers": _workers(supervisor.groups.get(name), figures),
                "servers": [
                    {
                        "address": one.address,
                        "state": supervisor.server_state(name, one.address),
                        **_figures(figures.get(one.address)),
                    }
                    for one in upstream.servers
                ],
            }
            for name, upstream in supervisor.loaded.cluster.upstream.items()
        },
    }


def _workers(group: Group | None, figures: dict[str, ServerFigures]) -> list[dict[str, Any]]:
    return [] if group is None else [_worker(one, group.down, figures) for one in group.workers]


def _worker(worker: Worker, down: set[str], figures: dict[str, ServerFigures]) -> dict[str, Any]:
    pid = worker.child.pid if worker.child is not None and worker.child.is_alive else None
    cpu, memory = _used(pid)
    return {
        "index": worker.index,
        "state": "down" if worker.state is State.READY and worker.place.address in down else str(worker.state),
        "pid": pid,
        "address": worker.place.address,
        "uptime": time.time() - worker.since if worker.state is State.READY else None,
        "restarts": worker.restarts,
        "last_restart": worker.last_restart,
        "cpu_percent": cpu,
        "memory_mib": memory,
        **_figures(figures.get(worker.place.address)),
    }


_processes: dict[int, psutil.Process] = {}
"""Kept between calls: a share of the CPU is known from the second look on."""


def _used(pid: int | None) -> tuple[float | None, float | None]:
    """Percent of a core, and MiB, of a process with those that it started."""
    if pid is None:
        return None, None
    cpu = memory = 0.0
    with contextlib.suppress(psutil.Error):
        first = _processes.setdefault(pid, psutil.Process(pid))
        for one in (first, *first.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                known = _processes.setdefault(one.pid, one)
                cpu += known.cpu_percent()
                memory += known.memory_info().rss / MIB
    return round(cpu, 1), round(memory, 1)


def _figures(found: ServerFigures | None) -> dict[str, Any]:
    if found is None:
        return {"requests_per_second": 0.0, "p50_ms": None, "p99_ms": None, "errors": 0}
    return {
        "requests_per_second": found.requests_per_second,
        "p50_ms": found.p50_ms,
        "p99_ms": found.p99_ms,
        "errors": found.errors,
    }
