"""What backends are told of a request: whole sets, since nginx drops every inherited one where a level has its own."""

from __future__ import annotations

from nginxgen.expand import variables
from nginxgen.expand.work import Work
from nginxgen.model.records import FastcgiParam
from nginxgen.source import Path

_HTTP_PARAMS = {
    "QUERY_STRING": "$query_string",
    "REQUEST_METHOD": "$request_method",
    "CONTENT_TYPE": "$content_type",
    "CONTENT_LENGTH": "$content_length",
    "REQUEST_URI": "$request_uri",
    "DOCUMENT_ROOT": "$document_root",
    "SERVER_PROTOCOL": "$server_protocol",
    "REMOTE_ADDR": "$remote_addr",
    "REMOTE_PORT": "$remote_port",
    "REMOTE_USER": "$remote_user",
    "SERVER_PORT": "$server_port",
    "SERVER_NAME": "$server_name",
}
_FASTCGI_PARAMS = {
    "SCRIPT_FILENAME": "$document_root$fastcgi_script_name",
    "SCRIPT_NAME": "$fastcgi_script_name",
    "DOCUMENT_URI": "$document_uri",
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SERVER_SOFTWARE": "nginx",
    "SERVER_ADDR": "$server_addr",
    # PHP refuses to run without it when built to be run by a web server only.
    "REDIRECT_STATUS": "200",
}
_UWSGI_PARAMS = {"PATH_INFO": "$document_uri"}


def proxy_headers(work: Work, where: Path) -> dict[str, str]:
    """The headers for a backend over HTTP.

    Connection is empty so that nginx sends none and keeps the connection.
    """
    return {**_client_headers(work, where), "Connection": "", "HTTP2-Settings": ""}


def _client_headers(work: Work, where: Path) -> dict[str, str]:
    """What is told of the client.

    Its address is the connection's (or, behind proxies that are trusted, theirs); what it says of that itself is not
    passed on.
    """
    host = variables.host_expression(work, where)
    return {
        "Host": host,
        "X-Real-IP": "$remote_addr",
        "X-Forwarded-For": "$remote_addr",
        "X-Forwarded-Proto": _proto(work, where),
        "X-Forwarded-Host": _claimed(work, variables.FORWARDED_HOST, host, where),
        "X-Forwarded-Port": _claimed(work, variables.FORWARDED_PORT, "$server_port", where),
        "X-Forwarded-Scheme": _claimed(work, variables.FORWARDED_SCHEME, "", where),
        "X-Forwarded-Ssl": _claimed(work, variables.FORWARDED_SSL, "", where),
        "X-Forwarded-Prefix": _claimed(work, variables.FORWARDED_PREFIX, "", where),
        "X-Forwarded-Server": _claimed(work, variables.FORWARDED_SERVER, "", where),
        "Forwarded": "",
        "Proxy": "",
    }


def websocket_headers(work: Work, where: Path) -> dict[str, str]:
    """The two headers by which a connection becomes a WebSocket."""
    return {"Upgrade": work.needs(variables.UPGRADE, where), "Connection": work.needs(variables.CONNECTION, where)}


def grpc_headers(work: Work, where: Path) -> dict[str, str]:
    """The headers for a backend over gRPC."""
    return _client_headers(work, where)


_CLIENTS_HEADERS = (
    ("Host", "HTTP_HOST"),
    ("X-Real-IP", "HTTP_X_REAL_IP"),
    ("X-Forwarded-For", "HTTP_X_FORWARDED_FOR"),
    ("X-Forwarded-Proto", "HTTP_X_FORWARDED_PROTO"),
    ("X-Forwarded-Host", "HTTP_X_FORWARDED_HOST"),
    ("X-Forwarded-Port", "HTTP_X_FORWARDED_PORT"),
    ("X-Forwarded-Scheme", "HTTP_X_FORWARDED_SCHEME"),
    ("X-Forwarded-Ssl", "HTTP_X_FORWARDED_SSL"),
    ("X-Forwarded-Prefix", "HTTP_X_FORWARDED_PREFIX"),
    ("X-Forwarded-Server", "HTTP_X_FORWARDED_SERVER"),
    ("Forwarded", "HTTP_FORWARDED"),
    # A client's "Proxy" header would become HTTP_PROXY, which many programs obey (httpoxy, CVE-2016-5385).
    ("Proxy", "HTTP_PROXY"),
)
"""Headers that we set, and the parameters by which FastCGI and uwsgi would pass on the client's own."""


def fastcgi_params(work: Work, where: Path) -> dict[str, FastcgiParam]:
    """The parameters for a backend over FastCGI."""
    return _params({**_FASTCGI_PARAMS, **_HTTP_PARAMS}, work, where)


def uwsgi_params(work: Work, where: Path) -> dict[str, FastcgiParam]:
    """The parameters for a backend over uwsgi."""
    return _params({**_UWSGI_PARAMS, **_HTTP_PARAMS}, work, where)


def _params(texts: dict[str, str], work: Work, where: Path) -> dict[str, FastcgiParam]:
    ours = _client_headers(work, where)
    told = {parameter: ours[header] for header, parameter in _CLIENTS_HEADERS}
    table = {name: FastcgiParam.trusted({"value": value}) for name, value in {**texts, **told}.items()}
    https = _claimed(work, variables.FORWARDED_HTTPS, "$https", where)
    table["REQUEST_SCHEME"] = FastcgiParam.trusted({"value": _proto(work, where)})
    table["HTTPS"] = FastcgiParam.trusted({"value": https, "if_not_empty": True})
    return table


def _proto(work: Work, where: Path) -> str:
    return _claimed(work, variables.FORWARDED_PROTO, "$scheme", where)


def _claimed(work: Work, variable: str, plain: str, where: Path) -> str:
    """What a trusted proxy says; the plain fact where none is trusted."""
    return work.needs(variable, where) if work.cluster.http.trusted_proxies else plain
