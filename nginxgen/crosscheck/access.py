"""Who gets at what: passwords that nobody is asked for, and files that run although they are no programs."""

from __future__ import annotations

from collections.abc import Iterator

from nginxgen.diagnostic import Diagnostic, error, note
from nginxgen.model.cluster import Cluster
from nginxgen.model.location import Location
from nginxgen.model.serving import Serving
from nginxgen.model.walk import Blocks
from nginxgen.source import Path

_SAFE = ("fastcgi_split_path_info", "if", "include")


def check(cluster: Cluster, blocks: Blocks) -> Iterator[Diagnostic]:
    """What lets people in who were to be kept out."""
    levels = [(path, block) for path, block in blocks if isinstance(block, Serving)]
    yield from _passwords(levels)
    for path, level in levels:
        if isinstance(level, Location):
            yield from _programs(level, path)


def _passwords(levels: list[tuple[Path, Serving]]) -> Iterator[Diagnostic]:
    """Where one of two directives is missing nginx asks nobody (ngx_http_auth_basic_handler; seen on the wire)."""
    with_file = [path for path, level in levels if level.auth_basic_user_file is not None or level.include]
    for path, level in levels:
        if level.auth_basic not in (None, "off") and not any(_is_around(path, one) for one in with_file):
            help = "write auth_basic_user_file beside it; without one nginx lets everybody in"
            yield error("NG026", "a password is asked of nobody here", (*path, "auth_basic"), help, key=True)


def _is_around(one: Path, other: Path) -> bool:
    """Whether one of two levels is inside the other, or is it; all are inside http."""
    shorter, longer = sorted((one, other), key=len)
    return shorter == ("http",) or longer[: len(shorter)] == shorter


def _programs(location: Location, path: Path) -> Iterator[Diagnostic]:
    match = location.match
    if location.fastcgi_pass is None or not match.is_regex or not match.pattern.endswith(r"\.php$"):
        return
    if location.try_files or any(one.name in _SAFE for one in location.directives):
        return
    help = 'write try_files = ["$fastcgi_script_name", "=404"] where nginx sees the files'
    message = "/image.jpg/x.php comes here too, and older PHP runs image.jpg"
    yield note("NG027", message, (*path, "fastcgi_pass"), help)
