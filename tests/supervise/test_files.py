"""Files beside the cluster's own: certificates and passwords by relative paths, renewed ones, and links."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from nginxgen.proof.binary import NginxBinary
from nginxgen.proof.certificate import certificate_pem, key_pem
from support.command import nginxgen
from support.running import Client, free_port
from support.supervised import cluster, started, supervised

TLS = """
[tls.own]
certificate = "tls/own.pem"
certificate_key = "tls/own.key"
"""


def secured(folder: Path, port: int) -> str:
    """A cluster with a certificate and passwords in its folder."""
    (folder / "tls").mkdir()
    (folder / "tls" / "own.pem").write_text(certificate_pem("first.invalid"))
    (folder / "tls" / "own.key").write_text(key_pem())
    (folder / "staff").write_text("ann:{PLAIN}secret\n")
    text = cluster(port, "fd", "{fd}", count=1).replace("[[server]]", f'{TLS}\n[[server]]\ntls = "own"')
    return text + 'auth_basic = "staff"\nauth_basic_user_file = "staff"\n'


def shown(port: int) -> bytes:
    """The certificate that a server shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with Client(port, tls=context) as client:
        assert isinstance(client.socket, ssl.SSLSocket)
        assert client.get(headers={"Authorization": "Basic YW5uOnNlY3JldA=="}).status == 200
        certificate = client.socket.getpeercert(binary_form=True)
        assert certificate
        return certificate


def renew(file: Path, text: str) -> None:
    """Put another file in its place: by its number and the second of its change nginx tells whether it is another.

    (Since 1.27.4 it keeps certificates over reloads, ssl_object_cache_inheritable.)
    """
    other = file.with_suffix(".new")
    other.write_text(text)
    os.replace(other, file)


def certificate(name: str) -> bytes:
    return ssl.PEM_cert_to_DER_cert(certificate_pem(name))


def test_relative_files_lie_beside_the_clusters_and_a_renewed_one_is_taken(nginx: NginxBinary, public: Path) -> None:
    port = free_port()
    with supervised(public, port, secured(public, port), nginx) as up:
        assert shown(port) == certificate("first.invalid")
        renew(public / "tls" / "own.pem", certificate_pem("second.invalid"))
        assert up.ask("reload").code == 0
        assert shown(port) == certificate("second.invalid")
        renew(public / "tls" / "own.pem", "this is none")
        refused = up.ask("reload")
        assert refused.code == 1
        assert "own.pem" in refused.err
        line = (public / "cluster.toml").read_text().partition('tls = "own"')[0].count("\n") + 1
        assert f"cluster.toml:{line}:" in refused.err
        assert shown(port) == certificate("second.invalid")


def test_a_link_that_leads_elsewhere_is_followed(nginx: NginxBinary, tmp_path: Path) -> None:
    """As Kubernetes and releases in folders of their own bring a new file."""
    port = free_port()
    text = cluster(port, "fd", "{fd}")
    for number in (1, 2):
        folder = tmp_path / f"release{number}"
        folder.mkdir()
        (folder / "cluster.toml").write_text(
            text.replace('path = "/"', f'path = "/"\nadd_header = {{ X-At = "{number}" }}')
        )
    current = tmp_path / "current"
    current.symlink_to("release1")
    (tmp_path / "cluster.toml").symlink_to("current/cluster.toml")
    with started(tmp_path, port, nginx) as up:
        with Client(port) as client:
            assert client.get().get("X-At") == ["1"]
        other = tmp_path / "other"
        other.symlink_to("release2")
        os.replace(other, current)
        up.wait_for("cluster.toml changed: serves after")
        with Client(port) as client:
            assert client.get().get("X-At") == ["2"]
        assert nginxgen("status", tmp_path / "cluster.toml").code == 0
