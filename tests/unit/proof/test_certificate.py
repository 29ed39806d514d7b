"""The throw-away certificate is a real one: OpenSSL loads it, trusts it for its name, and shakes hands with it."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from nginxgen.proof.certificate import certificate_pem, crl_pem, key_pem

NAME = "nginxgen.invalid"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "certificate.pem").write_text(certificate_pem())
    (tmp_path / "key.pem").write_text(key_pem())
    (tmp_path / "crl.pem").write_text(crl_pem())
    return tmp_path


def trusting(pem: str | None = None) -> ssl.SSLContext:
    """A client that checks names, and trusts one certificate or none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if pem:
        context.load_verify_locations(cadata=pem)
    return context


def shake_hands(client_side: ssl.SSLContext, server_side: ssl.SSLContext, name: str) -> ssl.SSLObject:
    """A handshake in memory; what the client then knows."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    for _ in range(20):
        for one in list(waiting):
            try:
                one.do_handshake()
                waiting.remove(one)
            except ssl.SSLWantReadError:
                pass
        if not waiting:
            return client
    raise AssertionError("the handshake does not end")


@pytest.fixture
def server_side(files: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "certificate.pem", files / "key.pem")
    return context


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_is_trusted_for_its_name(server_side: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    client_side = trusting(certificate_pem())
    client_side.minimum_version = client_side.maximum_version = version
    found = shake_hands(client_side, server_side, NAME).getpeercert()
    assert found
    assert found["subjectAltName"] == (("DNS", NAME),)
    assert found["notAfter"].endswith("2120 GMT")


def test_is_not_trusted_for_another_name_or_by_others(server_side: ssl.SSLContext) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake_hands(trusting(certificate_pem()), server_side, "example.org")
    with pytest.raises(ssl.SSLCertVerificationError, match=r"self.signed"):
        shake_hands(trusting(), server_side, NAME)


def test_the_list_of_the_revoked_is_signed_by_it(files: Path, server_side: ssl.SSLContext) -> None:
    client_side = trusting(certificate_pem())
    client_side.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    with pytest.raises(ssl.SSLCertVerificationError, match="CRL"):
        shake_hands(client_side, server_side, NAME)
    client_side.load_verify_locations(files / "crl.pem")
    assert shake_hands(client_side, server_side, NAME).getpeercert()


def test_a_key_of_its_own_is_needed(files: Path) -> None:
    (files / "other.pem").write_text(certificate_pem().replace("A", "B", 1))
    with pytest.raises(ssl.SSLError):
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files / "other.pem", files / "key.pem")


@pytest.mark.parametrize("name", ["a", "*.example.org", "x" * 63 + ".example.org"])
def test_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "certificate.pem").write_text(certificate_pem(name))
    (tmp_path / "key.pem").write_text(key_pem())
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    found = shake_hands(trusting(certificate_pem(name)), server_side, name.replace("*", "www")).getpeercert()
    assert found
    assert found["subjectAltName"] == (("DNS", name),)


def test_the_same_bytes_every_time() -> None:
    assert certificate_pem() == certificate_pem()
    assert key_pem() == key_pem()
