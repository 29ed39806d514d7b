"""Targets: versions, distributions, and what a binary says of itself; the words for which nginx is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nginxgen import Cluster, ConfigError, Nginx, Server, Target, render
from nginxgen.conf.facts import distributions
from nginxgen.conf.target import ANY
from nginxgen.conf.version import NEWEST, OLDEST, Version
from nginxgen.proof.binary import NginxBinary

DEBIAN = """nginx version: nginx/1.22.1
built with OpenSSL 3.0.15 3 Sep 2024 (running with OpenSSL 3.0.19 27 Jan 2026)
TLS SNI support enabled
configure arguments: --with-cc-opt='-g -O2 -fstack-protector-strong' --with-ld-opt='-Wl,-z,relro' \
--prefix=/usr/share/nginx --conf-path=/etc/nginx/nginx.conf --with-compat --with-http_ssl_module --with-threads \
--with-http_stub_status_module --with-http_v2_module --without-http_uwsgi_module \
--with-http_geoip_module=dynamic --with-stream=dynamic --add-dynamic-module=x/echo
"""


@pytest.mark.parametrize(
    ("text", "version"), [("1.22", Version(1, 22)), ("1.22.1", Version(1, 22, 1)), ("1.31.10", Version(1, 31, 10))]
)
def test_versions(text: str, version: Version) -> None:
    assert Version.parse(text) == version
    assert str(version) == text + ".0" * (text.count(".") == 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.",
        "1.22.",
        ".1",
        "v1.22",
        "1.22 ",
        " 1.22",
        "1.22.1.1",
        "1,22",
        "1.22-1",
        "1.٣",
        "1.2222",
        "a.b",
        "1.22\n",
    ],
)
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(ValueError, match="is not a version of nginx"):
        Version.parse(text)


@given(st.tuples(*[st.integers(0, 99)] * 3), st.tuples(*[st.integers(0, 99)] * 3))
def test_versions_are_in_order(one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
    assert (Version(*one) < Version(*other)) == (one < other)
    assert Version.parse(str(Version(*one))) == Version(*one)


@pytest.mark.parametrize("text", ["1.18", "1.18.0", "1.22", "1.30.6", str(NEWEST)])
def test_a_version_is_a_target(text: str) -> None:
    target = Target.parse(text)
    assert target.lowest == target.highest == Version.parse(text)
    assert target.name == f"nginx {text}"
    assert target.versions() == (Version.parse(text),)


def test_any_is_a_range() -> None:
    assert Target.parse("any") == ANY
    assert ANY.versions() == (OLDEST, NEWEST)
    assert "any nginx from 1.18 to 1.31" in ANY.name


@pytest.mark.parametrize("name", distributions())
def test_every_distribution_is_a_target_or_says_why_not(name: str) -> None:
    version = Version.parse(distributions()[name])
    if OLDEST <= version <= NEWEST:
        target = Target.parse(name)
        assert target.lowest == version
        assert target.name == f"{name} (nginx {version})"
        assert Target.parse(name.upper()).lowest == version
    else:
        with pytest.raises(ValueError, match=f"{version} lies outside"):
            Target.parse(name)


@pytest.mark.parametrize(
    ("name", "version"),
    [("debian-11", "1.18.0"), ("debian-12", "1.22.1"), ("debian-13", "1.26.3"), ("ubuntu-24.04", "1.24.0")],
)
def test_distributions_that_people_have(name: str, version: str) -> None:
    assert str(Target.parse(name).lowest) == version


@pytest.mark.parametrize("text", ["1.17", "1.17.10", "0.8", "1.32", "1.31.5", "2.0", "99.99"])
def test_outside_of_what_is_known(text: str) -> None:
    with pytest.raises(ValueError, match=r"lies outside what nginxgen knows: 1\.18\.0 to 1\.31\.4"):
        Target.parse(text)


@pytest.mark.parametrize("text", ["", "nginx", "latest", "debian", "debian-99", "1.22.1-9+deb12u1", "any "])
def test_neither_version_nor_distribution(text: str) -> None:
    with pytest.raises(ValueError, match=r"any|debian-12|did you mean") as refused:
        Target.parse(text)
    assert repr(text) in str(refused.value)


def test_a_binarys_banner() -> None:
    target = Target.from_banner(DEBIAN)
    assert target.lowest == target.highest == Version(1, 22, 1)
    assert target.has_module("ngx_http_stub_status_module")
    assert target.has_module("ngx_http_ssl_module")
    assert not target.has_module("ngx_http_geoip_module"), "it is a file, to be loaded"
    assert target.loads_module("ngx_http_geoip_module")
    assert not target.loads_module("ngx_http_ssl_module")
    assert target.has_module("ngx_http_proxy_module"), "what is built unless refused"
    assert not target.has_module("ngx_http_uwsgi_module")
    assert not target.has_module("ngx_http_gzip_static_module")
    assert not target.has_module("ngx_http_v3_module")
    assert target.has_foreign_modules
    assert target.has("uwsgi_pass", "location") is False
    assert target.has("stub_status", "location") is True


@pytest.mark.parametrize(
    ("banner", "version"),
    [
        ("nginx version: nginx/1.18.0 (Ubuntu)\n", "1.18.0"),
        ("nginx version: openresty/1.25.3.1\n", None),
        ("nginx version: freenginx/1.27.4\n", "1.27.4"),
        ("warning\nnginx version: nginx/1.26.0\n", "1.26.0"),
        ("nginx version: nginx/\n", None),
        ("Apache/2.4\n", None),
        ("", None),
    ],
)
def test_other_banners(banner: str, version: str | None) -> None:
    if version is None:
        with pytest.raises(ValueError, match="version of nginx"):
            Target.from_banner(banner)
    else:
        assert str(Target.from_banner(banner).lowest) == version


def test_a_real_binary(nginx: NginxBinary) -> None:
    assert nginx.target.configured
    assert nginx.target.lowest >= OLDEST
    assert nginx.target.has_module("ngx_http_ssl_module")
    assert nginx.target.has("proxy_pass", "location")


@pytest.mark.parametrize(
    ("target", "directive", "context", "there"),
    [
        ("1.18", "http2", "server", False),
        ("1.25", "http2", "server", False),
        ("1.25.1", "http2", "server", True),
        ("any", "http2", "server", False),
        ("any", "proxy_pass", "location", True),
        ("any", "proxy_pass", "server", False),
        ("1.18", "ssl_reject_handshake", "server", False),
        ("1.19.4", "ssl_reject_handshake", "server", True),
        ("1.30", "sticky", "upstream", True),
        ("1.29.5", "sticky", "upstream", False),
        ("1.31", "least_time", "upstream", True),
        ("1.31", "no_such_directive", "http", False),
    ],
)
def test_what_a_target_has(target: str, directive: str, context: str, there: bool) -> None:
    assert Target.parse(target).has(directive, context) is there


def test_since() -> None:
    assert Target.parse("1.25").since(Version(1, 25))
    assert not Target.parse("1.25").since(Version(1, 25, 1))
    assert Target.parse("1.18").since(None)
    assert not ANY.since(Version(1, 18, 1))


def test_what_the_cluster_says_counts_unless_another_is_asked_for() -> None:
    cluster = Cluster(nginx=Nginx(target="1.22"), server=[Server(listen=80)])
    assert render(cluster).target == Target.parse("1.22")
    assert render(cluster, "1.30").target == Target.parse("1.30")
    assert render(cluster, ANY).target == ANY
    assert render(Cluster(server=[Server(listen=80)])).target == ANY


def test_an_unknown_target_is_shown_where_it_stands() -> None:
    with pytest.raises(ConfigError) as refused:
        render(Cluster(nginx=Nginx(target="1.17"), server=[Server(listen=80)]))
    (one,) = refused.value.diagnostics
    assert (one.code, one.where) == ("NG033", ("nginx", "target"))
    with pytest.raises(ConfigError) as refused:
        render(Cluster(server=[Server(listen=80)]), "1.17")
    assert refused.value.diagnostics[0].where is None
