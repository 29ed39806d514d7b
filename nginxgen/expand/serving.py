"""What http, servers and locations have in common, filled in: access rules, logs, headers of answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nginxgen.expand.mime_types import MIME_TYPES
from nginxgen.expand.work import Work
from nginxgen.model.records import AccessLog, AccessRule, AddHeader
from nginxgen.source import Path

WEBSOCKET_TIMEOUT = "1h"
"""For how long a WebSocket may be silent; nginx's own 60 s end most of them."""
LOG_BUFFER = "64k"
LOG_FLUSH = "1s"


def expand_serving(said: dict[str, Any], path: Path, work: Work) -> None:
    """Make explicit what any of the three levels may say."""
    _access(said)
    if said.pop("mime_types", None):
        said["types"] = _with_standard(said.get("types") or {})
    if "add_header" in said:
        said["add_header"] = _said_always(said["add_header"])
    _protocols(said, path, work)
    if "access_log" in said:
        logs = map(_buffered, said["access_log"]) if work.recommended else said["access_log"]
        said["access_log"] = tuple(map(_with_format, logs))


def _with_standard(own: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """A table of media types with nginxgen's own ones; an extension has one of them."""
    taken = {extension for extensions in own.values() for extension in extensions}
    standard = {name: tuple(one for one in many if one not in taken) for name, many in MIME_TYPES.items()}
    return {**{name: many for name, many in standard.items() if many and name not in own}, **own}


def _said_always(headers: tuple[AddHeader, ...]) -> tuple[AddHeader, ...]:
    """The same headers; one that is not always sent has no word for it."""
    return tuple(one.but(always=one.always or None) for one in headers)


def _access(said: dict[str, Any]) -> None:
    allow, deny = said.pop("allow", ()), said.pop("deny", ())
    rules = [AccessRule.trusted({"allow": one}) for one in allow] + [AccessRule.trusted({"deny": one}) for one in deny]
    if allow and not deny:
        rules.append(AccessRule.trusted({"deny": "all"}))
    if rules:
        said["access"] = (*said.get("access", ()), *rules)


def _protocols(said: dict[str, Any], path: Path, work: Work) -> None:
    protocols = said.get("ssl_protocols", ())
    if "SSLv2" in protocols:
        said["ssl_protocols"] = tuple(one for one in protocols if one != "SSLv2")
        work.note(
            "NG032",
            "SSLv2 is left out: OpenSSL has not spoken it since 1.1.0, whatever nginx is told",
            (*path, "ssl_protocols"),
            "leave SSLv3, TLSv1 and TLSv1.1 out too; they are broken",
        )


def _buffered(log: AccessLog) -> AccessLog:
    """The same log, written in pieces of 64k: one system call for some hundred requests instead of one for each."""
    if log.path == "off" or log.path.startswith("syslog:") or "$" in log.path or log.buffer or log.gzip or log.flush:
        return log
    return log.but(buffer=LOG_BUFFER, flush=LOG_FLUSH)


def _with_format(log: AccessLog) -> AccessLog:
    """The same log with its format, which nginx wants before any other parameter; its own is called combined."""
    needs_one = log.format is None and (log.buffer or log.gzip or log.flush or log.if_)
    return log.but(format="combined") if needs_one else log


def merge_add_headers(outer: tuple[AddHeader, ...], own: tuple[AddHeader, ...]) -> tuple[AddHeader, ...]:
    """The headers of an inner block with those of the outer one, which nginx would drop; the inner ones win."""
    replaced = {one.name.lower() for one in own}
    return (*(one for one in outer if one.name.lower() not in replaced), *own)


def always(headers: tuple[AddHeader, ...]) -> tuple[AddHeader, ...]:
    """The same headers, sent with errors too unless that was refused."""
    return tuple(one.but(always=one.always is not False or None) for one in headers)


def merge_table(outer: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, Any]:
    """Two tables of headers; the inner one wins, whatever the case of the names."""
    if not outer or not own:
        return outer or own
    replaced = {name.lower() for name in own}
    return {**{name: value for name, value in outer.items() if name.lower() not in replaced}, **own}
