"""Where changes stand for people: in the files that they write, not in the text that was rendered from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nginxgen.change.differences import Change
from nginxgen.change.families import At
from nginxgen.proven import Rendered

Locate = Callable[[At], At | None]


def in_cluster_files(rendered: Rendered) -> Locate:
    """What finds, for lines of a rendered text, the lines of the cluster files that they come from."""

    def locate(at: At) -> At | None:
        path = rendered.origin(at.line)
        spot = rendered.sources.spot(path) if rendered.sources and path else None
        return None if spot is None else At(spot.file.name, spot.file.position(spot.span.start)[0])

    return locate


def as_they_stand(at: At) -> At:
    """A line of a file that people have."""
    return at


def located(changes: Iterable[Change], before: Locate, after: Locate) -> list[Change]:
    """Changes with their places in people's files."""
    return [
        one._replace(was_at=one.was_at and before(one.was_at), now_at=one.now_at and after(one.now_at))
        for one in changes
    ]
