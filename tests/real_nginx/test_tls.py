"""TLS on the wire: what each profile takes and refuses, HTTP/2 in both dialects, and HSTS."""

from __future__ import annotations

import ssl
import warnings

import pytest

from nginxgen.proof.certificate import certificate_pem, key_pem
from support.site import Served, Site

pytestmark = pytest.mark.nginx

ONE_PROFILE = """
[tls.main]
certificate = "FOLDER/localhost.pem"
certificate_key = "FOLDER/key.pem"
profile = "PROFILE"
hsts = true
[[server]]
listen = ["127.0.0.1:PORT"]
server_name = ["localhost"]
http2 = true
tls = "main"
[[server.location]]
path = "/"
return = [200, "$ssl_protocol $https $scheme"]
[[server.location]]
path = "/missing"
return = 404
add_header = { X-Own = "1" }
"""
Version = ssl.TLSVersion
TAKEN = {
    "modern": [Version.TLSv1_3],
    "intermediate": [Version.TLSv1_2, Version.TLSv1_3],
    "old": [Version.TLSv1, Version.TLSv1_1, Version.TLSv1_2, Version.TLSv1_3],
}
CLOSED = (ConnectionResetError, ssl.SSLError)
NAMES = {Version.TLSv1: "TLSv1", Version.TLSv1_1: "TLSv1.1", Version.TLSv1_2: "TLSv1.2", Version.TLSv1_3: "TLSv1.3"}


def speaking(version: Version, *protocols: str) -> ssl.SSLContext:
    """The settings of a client that trusts the tests' certificate and speaks one version of TLS."""
    context = ssl.create_default_context(cadata=certificate_pem("localhost"))
    if version < Version.TLSv1_2:
        context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def with_certificates(site: Site, *names: str) -> dict[str, object]:
    """The folder in which there is a certificate for each name, and their key."""
    (site.folder / "key.pem").write_text(key_pem())
    for name in names:
        (site.folder / f"{name}.pem").write_text(certificate_pem(name))
    return {"FOLDER": site.folder}


def spoken(served: Served, version: Version) -> str | None:
    """What nginx says of a connection; None when the handshake fails."""
    try:
        with served.client(tls=speaking(version)) as client:
            return client.get().body.decode()
    except ssl.SSLError:
        return None


@pytest.mark.parametrize("profile", TAKEN)
def test_a_profile_takes_its_protocols_and_no_other(site: Site, profile: str) -> None:
    with site.serve(ONE_PROFILE, PROFILE=profile, **with_certificates(site, "localhost")) as served:
        got = {version: spoken(served, version) for version in NAMES}
        assert got == {
            version: f"{name} on https" if version in TAKEN[profile] else None for version, name in NAMES.items()
        }


@pytest.mark.parametrize("profile", TAKEN)
def test_ciphers_without_forward_secrecy_are_refused_but_by_old(site: Site, profile: str) -> None:
    context = speaking(Version.TLSv1_2)
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    with site.serve(ONE_PROFILE, PROFILE=profile, **with_certificates(site, "localhost")) as served:
        if profile == "old":
            with served.client(tls=context) as client:
                assert client.get().status == 200
        else:
            with pytest.raises(ssl.SSLError):
                served.client(tls=context)


def test_hsts_is_said_with_every_answer_also_where_a_location_has_headers(site: Site) -> None:
    with (
        site.serve(ONE_PROFILE, PROFILE="intermediate", **with_certificates(site, "localhost")) as served,
        served.client(tls=speaking(Version.TLSv1_3)) as client,
    ):
        for path, status in (("/", 200), ("/missing", 404)):
            answer = client.get(path)
            assert answer.status == status
            assert answer.get("Strict-Transport-Security") == ["max-age=63072000"]


def test_http2_is_spoken_in_either_dialect(site: Site) -> None:
    with (
        site.serve(ONE_PROFILE, PROFILE="intermediate", **with_certificates(site, "localhost")) as served,
        served.client(tls=speaking(Version.TLSv1_3, "h2", "http/1.1")) as client,
    ):
        assert isinstance(client.socket, ssl.SSLSocket)
        assert client.socket.selected_alpn_protocol() == "h2"
        client.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5))
        settings = client.stream.read(9)
        assert settings[3] == 4, "nginx begins with a frame of settings"
        assert ("    http2 on;" in served.text) == (site.target.lowest >= (1, 25, 1))
        assert (" ssl http2;" in served.text) == (site.target.lowest < (1, 25, 1))


def test_sessions_are_resumed_by_the_cache_and_not_by_tickets(site: Site) -> None:
    context = speaking(Version.TLSv1_2)
    with site.serve(ONE_PROFILE, PROFILE="intermediate", **with_certificates(site, "localhost")) as served:
        with served.client(tls=context) as client:
            assert isinstance(client.socket, ssl.SSLSocket)
            session = client.socket.session
            assert session is not None
            assert not session.has_ticket
        assert "    ssl_session_cache shared:" in served.text
        assert "    ssl_session_tickets off;" in served.text


TWO_NAMES = """
[tls.one]
certificate = "FOLDER/one.example.pem"
certificate_key = "FOLDER/key.pem"
[tls.two]
certificate = "FOLDER/two.example.pem"
certificate_key = "FOLDER/key.pem"
[http]
unknown_hosts = "refuse"
[[server]]
listen = ["127.0.0.1:PORT"]
server_name = ["one.example"]
tls = "one"
return = [200, "one"]
[[server]]
listen = ["127.0.0.1:PORT"]
server_name = ["two.example"]
tls = "two"
return = [200, "two"]
"""


def asked(served: Served, name: str) -> bytes:
    """The answer of the server of that name, by its certificate."""
    context = ssl.create_default_context(cadata=certificate_pem(name))
    with served.client(tls=context, name=name) as client:
        return client.get("/", {"Host": name}).body


def test_each_name_shows_its_certificate(site: Site) -> None:
    with site.serve(TWO_NAMES, **with_certificates(site, "one.example", "two.example")) as served:
        assert asked(served, "one.example") == b"one"
        assert asked(served, "two.example") == b"two"


def test_a_handshake_for_an_unknown_host_is_refused_where_nginx_can(site: Site) -> None:
    with site.serve(TWO_NAMES, **with_certificates(site, "one.example", "two.example")) as served:
        if site.target.has("ssl_reject_handshake", "server"):
            with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
                asked(served, "evil.example")
        else:
            # The target may be older than 1.19.4: there the handshake passes and the request is not answered.
            context = ssl.create_default_context(cadata=certificate_pem("one.example"))
            context.check_hostname = False
            with served.client(tls=context, name="evil.example") as client, pytest.raises(CLOSED):
                client.get("/", {"Host": "evil.example"})
        assert asked(served, "two.example") == b"two"
