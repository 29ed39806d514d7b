"""Redirects, and hosts that nobody knows."""

from __future__ import annotations

import pytest

from nginxgen.proof.certificate import certificate_pem, key_pem
from support.running import Client, free_port, running_nginx
from support.site import Site

pytestmark = pytest.mark.nginx

TO_HTTPS = """
[tls.main]
certificate = "FOLDER/certificate.pem"
certificate_key = "FOLDER/key.pem"
[[server]]
listen = ["127.0.0.1:PORT"]
server_name = ["www.example"]
redirect_from = ["example"]
https_redirect = true
tls = "main"
[[server.location]]
path = "/"
return = [200, "it"]
"""


@pytest.mark.parametrize(("asked", "host"), [("www.example", "www.example"), ("example:80", "example")])
def test_plain_http_is_sent_on_to_https_with_method_path_and_host(site: Site, asked: str, host: str) -> None:
    (site.folder / "key.pem").write_text(key_pem())
    (site.folder / "certificate.pem").write_text(certificate_pem("www.example"))
    port, plain = free_port(), free_port()
    text = site.render(TO_HTTPS, PORT=port, FOLDER=site.folder)
    # The redirect listens on port 80, which tests cannot count on.
    moved = text.replace("listen 127.0.0.1:80;", f"listen 127.0.0.1:{plain};")
    assert moved != text
    with running_nginx(site.nginx, moved, plain), Client(plain) as client:
        for method in ("GET", "POST"):
            answer = client.get("/a%20b?c=%2F", {"Host": asked}, method)
            assert (answer.status, answer.get("Location")) == (308, [f"https://{host}:{port}/a%20b?c=%2F"])


FROM_OTHER_NAMES = """
[[server]]
listen = ["127.0.0.1:PORT"]
server_name = ["example", "other.example"]
redirect_from = ["www.example", "*.old.example"]
[[server.location]]
path = "/"
return = [200, "it"]
"""


@pytest.mark.parametrize("name", ["www.example", "a.old.example"])
def test_other_names_are_sent_on_to_the_first(site: Site, name: str) -> None:
    with site.serve(FROM_OTHER_NAMES) as served:
        answer = served.get("/path?query", {"Host": f"{name}:{served.port}"})
        assert (answer.status, answer.get("Location")) == (308, [f"http://example:{served.port}/path?query"])
        assert served.get("/", {"Host": "other.example"}).body == b"it"


@pytest.mark.parametrize("path", ["/%0d%0aSet-Cookie:%20a=b", "/%0D%0A%0D%0Abody", "/?%0d%0aX: 1"])
def test_a_redirect_takes_no_headers_from_a_path(site: Site, path: str) -> None:
    with site.serve(FROM_OTHER_NAMES) as served, served.client() as client:
        answer = client.get(path, {"Host": f"www.example:{served.port}"})
        if answer.status == 308:
            assert answer.get("Location") == [f"http://example:{served.port}{path}"]
        else:
            assert answer.status == 400
        assert not answer.get("Set-Cookie")
        assert not answer.get("X")


UNKNOWN_REFUSED = """
[http]
unknown_hosts = "refuse"
[[server]]
listen = ["127.0.0.1:PORT"]
server_name = ["known.example"]
[[server.location]]
path = "/"
return = [200, "it"]
"""


def test_a_connection_for_an_unknown_host_is_closed(site: Site) -> None:
    with site.serve(UNKNOWN_REFUSED) as served:
        assert served.get("/", {"Host": "known.example"}).body == b"it"
        for host in ("unknown.example", "127.0.0.1", "_"):
            with served.client() as client, pytest.raises(ConnectionResetError):
                client.get("/", {"Host": host})


def test_otherwise_the_first_server_answers(site: Site) -> None:
    with site.serve(UNKNOWN_REFUSED.replace('unknown_hosts = "refuse"', "")) as served:
        assert served.get("/", {"Host": "unknown.example"}).body == b"it"
