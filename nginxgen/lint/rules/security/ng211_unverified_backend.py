"""NG211: TLS to a backend whose certificate nobody looks at."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from nginxgen.diagnostic import Severity
from nginxgen.lint.rule import Finding, Rule, Subject
from nginxgen.lint.urls import host_of, is_name, passes

_LOCAL = ("localhost", "unix:")
_INSIDE = (".local", ".internal", ".lan", ".home", ".svc", ".test", ".localhost", ".home.arpa", ".localdomain")


def _check(subject: Subject) -> Iterator[Finding]:
    groups = {one.args[0].lower(): one for one in subject.configuration.named("upstream") if one.args}
    for node, url in passes(subject.configuration, "proxy_pass", "grpc_pass"):
        verify = f"{node.name.removesuffix('_pass')}_ssl_verify"
        if url.scheme not in ("https", "grpcs") or url.has_variables or node.parent is None:
            continue
        said = node.parent.effective(verify)
        if (said and said[-1].args[:1] == ("on",)) or (
            not said and not all(one.is_whole for one in node.parent.levels())
        ):
            continue
        group = groups.get(url.authority.lower())
        hosts = [host_of(one.args[0]) for one in group.all("server") if one.args] if group is not None else [url.host]
        severity = min(filter(None, map(_severity, hosts)), key=list(Severity).index, default=None)
        if severity is not None:
            message = f"{node.name} takes whatever certificate {url.host} shows"
            yield Finding(message, node.spot(1), _help(verify), severity=severity)


def _help(verify: str) -> str:
    family = verify.removesuffix("_verify")
    return (
        f"write {verify} on, {family}_trusted_certificate with the file of its authority, and {family}_server_name on"
    )


def _severity(host: str) -> Severity | None:
    """A warning across the public network, a note inside; None on this machine."""
    if host.startswith(_LOCAL):
        return None
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        if not is_name(host):
            return None
        is_public = "." in host and not host.lower().endswith(_INSIDE)
        return Severity.WARNING if is_public else Severity.NOTE
    return None if address.is_loopback else Severity.NOTE if address.is_private else Severity.WARNING


RULE = Rule(
    code="NG211",
    name="unverified-backend",
    severity=Severity.WARNING,
    title="TLS to a backend that may be anybody",
    why="proxy_ssl_verify is off unless it is written: nginx then encrypts, but for whoever answers under that name,"
    " who may read and change all of it. (ngx_http_proxy_module.) Inside a network of your own it is a note.",
    mend="Write proxy_ssl_verify on, proxy_ssl_trusted_certificate with the authority's file, and proxy_ssl_server_name"
    " on.",
    bad="""\
location / {
    proxy_pass https://api.example.com;
}
""",
    good="""\
location / {
    proxy_pass https://api.example.com;
    proxy_ssl_server_name on;
    proxy_ssl_verify on;
    proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;
}
""",
    check=_check,
    directives=frozenset({"proxy_pass", "grpc_pass"}),
)
