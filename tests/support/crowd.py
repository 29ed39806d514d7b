"""Many small clusters in one, so that nginx is asked a few times and not for each; its words lead to the culprits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from nginxgen import ConfigError, render
from nginxgen.diagnostic import path_text
from nginxgen.model.cluster import Cluster
from nginxgen.model.schema import validate
from nginxgen.proof.asking import Verdict, ask_nginx
from nginxgen.proof.binary import NginxBinary
from nginxgen.source import Path
from support.plain import Data

LARGEST = 60


class Case(NamedTuple):
    """A value in its place."""

    label: str
    value: Any
    data: Data
    is_typed: bool = False
    """Whether nginxgen itself knows what the value may be."""


class Refusal(NamedTuple):
    """A case that an nginx does not take, and where in the case's own cluster it says so."""

    case: Case
    message: str
    place: str | None


class Crowd(NamedTuple):
    """Clusters in one, and whose each server and group is."""

    data: Data
    owners: dict[Path, Case]


class Clash(Exception):
    """Two clusters that cannot be one."""


def find_refused(cases: Iterable[Case], binary: NginxBinary) -> list[Refusal]:
    """The cases that a binary does not take; those that its version lacks are left aside."""
    return [refusal for crowd in _packed(cases) for refusal in _refused(crowd, binary)]


def _packed(cases: Iterable[Case]) -> list[list[Case]]:
    """Cases in groups: servers beside each other, and of what stands once in a file one in each group."""
    crowds: dict[tuple[bool, int], list[Case]] = {}
    uses: Counter[str] = Counter()
    for case in cases:
        is_server = "server" in case.data or "upstream" in case.data
        place = "" if is_server else case.label.split("[")[0].split("{")[0].rsplit(".", 1)[0]
        key = "server" if is_server else ".".join([*place.split(".")[:2], *case.label.split(".")[1:2]])
        number = uses[key] // (LARGEST if is_server else 1)
        uses[key] += 1
        crowds.setdefault((is_server, number), []).append(case)
    return list(crowds.values())


def _refused(cases: Sequence[Case], binary: NginxBinary) -> list[Refusal]:
    found: list[Refusal] = []
    left = list(cases)
    while left:
        crowd, verdict = _ask(left, binary)
        if verdict is not None and verdict.accepted:
            break
        if len(left) == 1:
            return found if verdict is None else [*found, _told(left[0], verdict)]
        suspect = None if crowd is None or verdict is None else _suspect(crowd, verdict)
        alone = None if suspect is None else _ask([suspect], binary)[1]
        if suspect is None or alone is None or alone.accepted:
            half = len(left) // 2
            return [*found, *_refused(left[:half], binary), *_refused(left[half:], binary)]
        found.append(_told(suspect, alone))
        left.remove(suspect)
    return found


def _ask(cases: Sequence[Case], binary: NginxBinary) -> tuple[Crowd | None, Verdict | None]:
    """What a binary says of the cases together; nothing when they cannot stand together, or not for its version."""
    try:
        crowd = together(cases)
        rendered = render(validate(Cluster, crowd.data), binary.target)
    except (Clash, ConfigError):
        return None, None
    return crowd, ask_nginx(rendered, binary)


def _told(case: Case, verdict: Verdict) -> Refusal:
    first = next(one for one in verdict.diagnostics if one.severity == "error")
    return Refusal(case, first.message, path_text(first.where) if isinstance(first.where, tuple) else None)


def _suspect(crowd: Crowd, verdict: Verdict) -> Case | None:
    """The case in whose server or group nginx's message is shown."""
    places = (one.where for one in verdict.diagnostics if one.severity == "error")
    found = (crowd.owners.get(where[:2]) for where in places if isinstance(where, tuple))  # type: ignore[arg-type]
    return next((one for one in found if one is not None), None)


def together(cases: Sequence[Case]) -> Crowd:
    """The clusters in one: servers side by side, each with a name of its own, as are groups.

    Raises:
        Clash: when they say different things in one place.
    """
    whole: Data = {}
    owners: dict[Path, Case] = {}
    for number, case in enumerate(cases if len(cases) > 1 else ()):
        data = deepcopy(case.data)
        for at, server in enumerate(data.get("server", ())):
            server.setdefault("server_name", [f"n{number}.example"])
            owners["server", len(whole.get("server", ())) + at] = case
        if "harmless" in data.get("upstream", {}) and not data.get("server"):
            data["upstream"] = {f"group{number}": data["upstream"]["harmless"]}
            owners["upstream", f"group{number}"] = case
        _merge(whole, data)
    return Crowd(whole, owners) if owners or len(cases) > 1 else Crowd(cases[0].data, {})


def _merge(into: Data, data: Data) -> None:
    for key, value in data.items():
        if key not in into:
            into[key] = value
        elif isinstance(value, dict) and isinstance(into[key], dict):
            _merge(into[key], value)
        elif key in ("server", "map", "geo", "split_clients"):
            into[key] = [*into[key], *value]
        elif into[key] != value:
            raise Clash(key)
