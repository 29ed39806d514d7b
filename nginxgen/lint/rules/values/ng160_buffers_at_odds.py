"""NG160: sizes of buffers that contradict each other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.rule import Finding, Rule, Subject

_FAMILIES = ("proxy", "fastcgi", "uwsgi", "scgi")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20}


def _check(subject: Subject) -> Iterator[Finding]:
    for family in _FAMILIES:
        busy_name, buffers_name, size_name = f"{family}_busy_buffers_size", f"{family}_buffers", f"{family}_buffer_size"
        for level in _levels(subject, busy_name, buffers_name, size_name):
            if any(not level.knows(one) and not level.effective(one) for one in (busy_name, buffers_name)):
                continue
            busy, buffers = _last(level, busy_name), _last(level, buffers_name)
            if busy is None or buffers is None or len(buffers.args) < 2:
                continue
            limit, one = _bytes(busy.args[0]), _bytes(buffers.args[1])
            count = int(buffers.args[0]) if buffers.args[0].isdigit() else 0
            if not limit or not one or not count:
                continue
            own = busy if busy.parent is level else buffers
            if limit > (count - 1) * one:
                message = (
                    f"{busy_name} {busy.args[0]} is more than {buffers_name} {' '.join(buffers.args)} less one buffer"
                )
                yield Finding(message, own.spot(), f"write at most {(count - 1) * one // 1024}k")
            elif limit < one:
                message = f"{busy_name} {busy.args[0]} is less than one of {buffers_name}, {buffers.args[1]}"
                yield Finding(message, own.spot(), f"write at least {buffers.args[1]}")


def _levels(subject: Subject, *names: str) -> list[Node]:
    found = (one.parent for name in names for one in subject.configuration.named(name))
    return list(dict.fromkeys(one for one in found if one is not None))


def _last(level: Node, name: str) -> Node | None:
    found = level.effective(name)
    return found[-1] if found and found[-1].args else None


def _bytes(text: str) -> int:
    found = re.fullmatch("([0-9]{1,9})([kKmM]?)", text)
    return int(found[1]) * _UNITS[found[2].lower()] if found else 0


RULE = Rule(
    code="NG160",
    name="buffers-at-odds",
    severity=Severity.ERROR,
    title="sizes of buffers that contradict each other",
    why="What is sent while more is read must leave one buffer free and hold at least one; else nginx refuses the"
    ' configuration. (ngx_http_proxy_merge_loc_conf; both binaries say "must be less than the size of all buffers'
    ' minus one buffer".)',
    mend="Leave busy_buffers_size out, or make it twice the size of a buffer.",
    bad="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_buffers 4 8k;
    proxy_busy_buffers_size 64k;
}
""",
    good="""\
location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_buffers 4 8k;
    proxy_busy_buffers_size 16k;
}
""",
    check=_check,
    directives=frozenset(f"{one}_busy_buffers_size" for one in _FAMILIES),
    is_refused=True,
)
