"""TLS profiles: what the published guidelines make of nginx's directives.

From the server-side TLS guidelines that Mozilla began and tlsref.org carries on: modern and intermediate of
version 6.0, old of version 5.8, the last that has it. Two things are left to nginx and OpenSSL on purpose:

- the groups for key agreement: with none named, OpenSSL takes its own order, the guideline's since 3.5; a named
  X25519MLKEM768 is refused by every older one, and nginx's version does not tell OpenSSL's (measured);
- DHE ciphers, which the guidelines have dropped; with them went ssl_dhparam.
"""

from __future__ import annotations

from typing import Any

from nginxgen.expand.work import Work
from nginxgen.model.records import AddHeader
from nginxgen.model.tls import Tls
from nginxgen.source import Path

PROTOCOLS: dict[str, tuple[str, ...]] = {
    "modern": ("TLSv1.3",),
    "intermediate": ("TLSv1.2", "TLSv1.3"),
    "old": ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"),
}
_INTERMEDIATE = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
CIPHERS: dict[str, str | None] = {
    "modern": None,
    "intermediate": _INTERMEDIATE,
    # OpenSSL 3 speaks TLS 1.0 and 1.1 at security level 0 only; older ones take the word too (measured).
    "old": "@SECLEVEL=0:"
    + _INTERMEDIATE
    + ":ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:"
    "ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA:AES128-GCM-SHA256:"
    "AES256-GCM-SHA384:AES128-SHA256:AES256-SHA256:AES128-SHA:AES256-SHA:DES-CBC3-SHA",
}
SESSION_CACHE = "shared:nginxgen_tls:10m"
SESSION_TIMEOUT = "1d"
HSTS_HEADER = "Strict-Transport-Security"
HSTS = "max-age=63072000"
DEFAULT_PROFILE = "intermediate"


def apply(said: dict[str, Any], tls: Tls, where: Path, work: Work) -> tuple[AddHeader, ...]:
    """Add a server's TLS directives to what it says, where it does not say them itself; the headers that go with them.

    Session tickets are off: they weaken forward secrecy, and nginx 1.23.3 to 1.30.5 and 1.31.0 to 1.31.6 could be
    made to take forged ones (CVE-2026-97629).
    """
    profile = tls.profile or DEFAULT_PROFILE
    made: dict[str, Any] = {
        "ssl_certificate": tls.certificate,
        "ssl_certificate_key": tls.certificate_key,
        "ssl_protocols": PROTOCOLS[profile],
        "ssl_ciphers": CIPHERS[profile],
        "ssl_prefer_server_ciphers": profile == "old",
        "ssl_session_timeout": tls.session_timeout or SESSION_TIMEOUT,
        "ssl_session_cache": (tls.session_cache or SESSION_CACHE,),
        "ssl_session_tickets": bool(tls.session_tickets),
        "ssl_dhparam": tls.dhparam,
        "ssl_client_certificate": tls.client_certificate,
        "ssl_verify_client": tls.verify_client or ("on" if tls.client_certificate else None),
        "ssl_verify_depth": tls.verify_depth,
        "ssl_crl": tls.crl,
    }
    for name, value in made.items():
        if value is not None and name not in said:
            said[name] = value
            work.origins[(*where[:-1], name)] = where
    if tls.directives:
        said["directives"] = (*said.get("directives", ()), *tls.directives)
    if tls.hsts in (None, "off"):
        return ()
    value = HSTS if tls.hsts == "on" else tls.hsts
    return (AddHeader.trusted({"name": HSTS_HEADER, "value": value, "always": True}),)
