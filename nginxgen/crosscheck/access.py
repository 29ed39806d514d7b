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
    yield from _passwords(cluster.http, ("http",), False, False)
    for at, server in enumerate(cluster.server):
        asks = cluster.http.auth_basic not in (None, "off"), cluster.http.auth_basic_user_file is not None
        yield from _passwords(server, ("server", at), *asks)
    for path, block in blocks:
        if isinstance(block, Location):
            yield from _programs(block, path)


def _passwords(level: Serving, path: Path, asks: bool, has_file: bool) -> Iterator[Diagnostic]:
    """Nginx asks nobody where one of the two directives is missing (ngx_http_auth_basic_handler; seen on the wire)."""
    asks = level.auth_basic != "off" if level.auth_basic is not None else asks
    has_file = has_file or level.auth_basic_user_file is not None
    if level.auth_basic not in (None, "off") and not has_file and not level.include and path != ("http",):
        help = "write auth_basic_user_file beside it; without one nginx lets everybody in"
        yield error("NG026", "a password is asked of nobody here", (*path, "auth_basic"), help, key=True)
    for at, inner in enumerate(getattr(level, "location", ())):
        yield from _passwords(inner, (*path, "location", at), asks, has_file)


def _programs(location: Location, path: Path) -> Iterator[Diagnostic]:
    match = location.match
    if location.fastcgi_pass is None or not match.is_regex or not match.pattern.endswith(r"\.php$"):
        return
    if location.try_files or any(one.name in _SAFE for one in location.directives):
        return
    help = 'write try_files = ["$fastcgi_script_name", "=404"] where nginx sees the files'
    message = "/image.jpg/x.php comes here too, and older PHP runs image.jpg"
    yield note("NG027", message, (*path, "fastcgi_pass"), help)
