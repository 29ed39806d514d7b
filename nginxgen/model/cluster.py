"""The whole: an nginx, its groups of backends, its virtual hosts."""

from typing import Literal

from nginxgen.model.block import Block, block, intent
from nginxgen.model.http import Http
from nginxgen.model.lint import Lint
from nginxgen.model.main import Nginx
from nginxgen.model.server import Server
from nginxgen.model.tls import Tls
from nginxgen.model.upstream import Upstream
from nginxgen.model.values import Identifier, UpstreamName


class Cluster(Block):
    """What a cluster file says."""

    defaults: Literal["recommended", "nginx"] | None = intent(
        'With "nginx", nothing is rendered that the file does not say.'
    )
    nginx: Nginx = block("The main level, and which nginx the file is written for.")
    http: Http = block("What every virtual host shares.")
    upstream: dict[UpstreamName, Upstream] = block("Groups of backends, by name.")
    tls: dict[Identifier, Tls] = intent("TLS settings that servers name.")
    server: tuple[Server, ...] = block("Virtual hosts.")
    lint: Lint = intent("What nginxgen lint looks for.")
