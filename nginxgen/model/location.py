"""Locations: which requests they match and what happens to these."""

from typing import Annotated

from nginxgen.model.backend import Backends
from nginxgen.model.block import arg, block, directive, intent
from nginxgen.model.hatch import Open
from nginxgen.model.names import Match
from nginxgen.model.records import Return
from nginxgen.model.serving import Serving
from nginxgen.model.values import (
    Directory,
    FastcgiPass,
    Filled,
    GrpcPass,
    LocationMatch,
    ProxyPass,
    UpstreamName,
    UwsgiPass,
)


class Location(Open, Serving, Backends):
    """A location."""

    path: Annotated[LocationMatch, arg('"/prefix", "= /exact", "^~ /prefix", "~ regex", "~* regex" or "@name".')]
    upstream: UpstreamName | None = intent("The group of backends that answers, over HTTP.")
    websocket: bool | None = intent("Whether connections may become WebSockets; others stay ordinary.")
    internal: bool = directive("Whether only nginx itself may send requests here.", bare=True, placed=True)
    proxy_pass: ProxyPass | None = directive("The backend that answers over HTTP, and its URI.", placed=True)
    fastcgi_pass: FastcgiPass | None = directive("The backend that answers over FastCGI.", placed=True)
    uwsgi_pass: UwsgiPass | None = directive("The backend that answers over uwsgi.", placed=True)
    grpc_pass: GrpcPass | None = directive("The backend that answers over gRPC.", placed=True)
    return_: Return | None = directive("The answer itself.", placed=True)
    alias: Directory | None = directive("The folder that stands for the location's path.", placed=True)
    try_files: tuple[Filled, ...] = directive(
        "Files that are tried in turn; the last is a URI, @name or =code.", placed=True
    )
    stub_status: bool = directive("Whether nginx answers with its own figures.", bare=True)
    empty_gif: bool = directive("Whether a one-pixel picture answers.", bare=True)
    location: tuple["Location", ...] = block("Locations inside this one.")

    @property
    def match(self) -> Match:
        """The path, taken apart."""
        return Match(self.path)
