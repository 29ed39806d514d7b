"""One cluster that says a little of everything: as a file, and made in code."""

from __future__ import annotations

from nginxgen import (
    Cluster,
    Events,
    Hash,
    Http,
    Keepalive,
    Listen,
    Location,
    Map,
    Nginx,
    Server,
    Tls,
    Upstream,
    UpstreamServer,
)

TOML = """
[nginx]
worker_processes = 2
events = { worker_connections = 512 }
[http]
types = { "text/html" = ["html", "htm"] }
gzip = true
log_format = { main = '$remote_addr "$request"' }
access_log = { path = "/var/log/nginx/access.log", format = "main" }
map = { source = "$uri", variable = "$kind", default = "page", entries = { "~^/api/" = "call" } }
[upstream.app]
servers = ["10.0.0.1:80", { address = "10.0.0.2:80", weight = 3 }]
balance = { method = "hash", key = "$uri", consistent = true }
keepalive = 16
[tls.site]
certificate = "/etc/a.pem"
certificate_key = "/etc/a.key"
hsts = true
[[server]]
listen = [443, "[::]:443"]
server_name = ["example.org", "*.example.org"]
tls = "site"
https_redirect = true
[[server.location]]
path = "/"
upstream = "app"
websocket = true
proxy_set_header = { X-Kind = "$kind" }
[[server.location]]
path = "= /gone"
return = 410
"""


def in_code() -> Cluster:
    return Cluster(
        nginx=Nginx(worker_processes=2, events=Events(worker_connections=512)),
        http=Http(
            types={"text/html": ("html", "htm")},
            gzip=True,
            log_format={"main": '$remote_addr "$request"'},
            access_log={"path": "/var/log/nginx/access.log", "format": "main"},
            map=[Map(source="$uri", variable="$kind", default="page", entries={"~^/api/": "call"})],
        ),
        upstream={
            "app": Upstream(
                servers=["10.0.0.1:80", UpstreamServer(address="10.0.0.2:80", weight=3)],
                balance=Hash(key="$uri", consistent=True),
                keepalive=Keepalive(connections=16),
            )
        },
        tls={"site": Tls(certificate="/etc/a.pem", certificate_key=["/etc/a.key"], hsts=True)},
        server=[
            Server(
                listen=[443, Listen(address="[::]:443")],
                server_name=("example.org", "*.example.org"),
                tls="site",
                https_redirect=True,
                location=[
                    Location(path="/", upstream="app", websocket=True, proxy_set_header={"X-Kind": "$kind"}),
                    Location(path="= /gone", return_=410),
                ],
            )
        ],
    )
