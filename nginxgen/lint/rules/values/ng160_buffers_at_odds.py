"""NG160: sizes of buffers that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.foreign import Node
from nginxgen.lint.families import BUFFERED
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.sizes import in_bytes

_BUFFERS, _PAGE = ("8", "4k"), 4096
"""What holds unless said, where a page of memory has 4k (ngx_http_proxy_merge_loc_conf)."""


def _check(subject: Subject) -> Iterator[Finding]:
    for family in BUFFERED:
        busy_name, buffers_name, size_name = f"{family}_busy_buffers_size", f"{family}_buffers", f"{family}_buffer_size"
        for level in _levels(subject, busy_name, buffers_name, size_name):
            unknown = {one for one in (busy_name, buffers_name, size_name) if not level.knows(one)}
            unknown -= {one for one in unknown if level.effective(one)}
            if unknown - {size_name} or (
                unknown and not (level.effective(busy_name) and level.effective(buffers_name))
            ):
                continue
            busy, buffers, size = _last(level, busy_name), _last(level, buffers_name), _last(level, size_name)
            number, each = (*buffers.args, "")[:2] if buffers is not None else _BUFFERS
            count, one = int(number) if number.isdigit() else 0, in_bytes(each)
            head = in_bytes(size.args[0]) if size is not None else 0 if unknown else _PAGE
            limit = in_bytes(busy.args[0]) if busy is not None else 2 * max(head, one)
            if not (limit and one and count and (head or unknown)):
                continue
            own = next(one for one in (busy, buffers, size) if one is not None and one.parent is level)
            said = (
                f"{busy_name} {busy.args[0]}"
                if busy is not None
                else f"{busy_name}, which is {_size(limit)} unless said,"
            )
            every = f"{buffers_name} {number} {each}{'' if buffers is not None else ' (the default)'}"
            if limit > (count - 1) * one:
                message = f"{said} is more than {every} less one buffer"
                if busy is not None:
                    help = f"write at most {_size((count - 1) * one)}"
                else:
                    help = f"write {buffers_name} {max(count, 4)} {_size(max(head, one))}"
                yield Finding(message, own.spot(), help)
            elif limit < max(one, head):
                larger = f"one of {buffers_name}, {each}" if one >= head else f"{size_name} {_size(head)}"
                yield Finding(f"{said} is less than {larger}", own.spot(), f"write at least {_size(max(one, head))}")
        yield from _files(subject, family)


def _files(subject: Subject, family: str) -> Iterator[Finding]:
    """Files that hold less than a buffer, and are not off."""
    for node in subject.configuration.named(f"{family}_max_temp_file_size"):
        level = node.parent
        names = f"{family}_buffers", f"{family}_buffer_size"
        if level is None or not node.args or not all(map(level.knows, names)):
            continue
        buffers, size = (_last(level, one) for one in names)
        each = (*buffers.args, "", "")[1] if buffers is not None else _BUFFERS[1]
        least = max(in_bytes(each), in_bytes(size.args[0]) if size is not None else _PAGE)
        if node.args[0].rstrip("kKmMgG").isdigit() and 0 < in_bytes(node.args[0]) < least:
            message = f"{node} is less than one buffer, {_size(least)}"
            yield Finding(message, node.spot(1), f"write 0, or at least {_size(least)}")


def _levels(subject: Subject, *names: str) -> list[Node]:
    found = (one.parent for name in names for one in subject.configuration.named(name))
    return list(dict.fromkeys(one for one in found if one is not None))


def _last(level: Node, name: str) -> Node | None:
    found = level.effective(name)
    return found[-1] if found and found[-1].args else None


def _size(count: int) -> str:
    return f"{count // 1024}k" if count % 1024 == 0 else str(count)


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
    directives=frozenset(
        f"{one}_{what}"
        for one in BUFFERED
        for what in ("busy_buffers_size", "buffers", "buffer_size", "max_temp_file_size")
    ),
    is_refused=True,
)
