"""Where things listen and where they are found: addresses of servers, listeners, resolvers and networks."""

import re

from nginxgen.model.kind import NotValid
from nginxgen.model.text import expression, word

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_PORT = r"(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"
_ADDRESS = re.compile(rf"{_IPV4}(?::{_PORT})?")
_PORTS = re.compile(rf"{_PORT}(?:-{_PORT})?")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_SCHEMES = {
    "proxy_pass": ("http://", "https://"),
    "fastcgi_pass": (),
    "uwsgi_pass": ("uwsgi://", "suwsgi://"),
    "grpc_pass": ("grpc://", "grpcs://"),
}
_URI_VARIABLE = re.compile(r"(?<=[^/$])\$\{?(?:request_uri|uri|document_uri)\b")
"""What begins with a slash, so that the host ends before it."""
_SOCKET_LENGTH = 107


def server_address(value: str) -> str:
    """A backend: ``10.0.0.1:8080``, ``[::1]:8080``, ``app.internal:8080``, ``unix:/run/app.sock``; port 80 if none."""
    if _ADDRESS.fullmatch(value):
        return value
    if value.startswith("unix:"):
        return _socket(value)
    host, port = _split_port(value)
    _check_host(host, value)
    if port is not None:
        _check_port(port, value)
    return value


def listen_address(value: str) -> str:
    """A listener: ``80``, ``127.0.0.1:8080``, ``[::]:443``, ``*:8000-8010``, ``name:80``, ``name``, ``unix:/path``."""
    if value.startswith("unix:"):
        return _socket(value)
    if value.isdigit() or _PORTS.fullmatch(value):
        _check_ports(value, value)
        return value
    host, port = _split_port(value)
    if host != "*":
        _check_host(host, value)
    if port is not None:
        _check_ports(port, value)
    return value


def socket_of(address: str, is_udp: bool) -> str:
    """One text for each socket, however a listener's address is written: ``80`` and ``0.0.0.0:80`` are ``*:80``."""
    if address.startswith("unix:"):
        return address
    address = address.lower()
    if re.fullmatch("[0-9-]+", address):
        address = f"*:{address}"
    elif ":" not in address or address.endswith("]"):
        address += ":80"
    return ("udp " if is_udp else "") + re.sub(r"^0\.0\.0\.0:", "*:", address)


def resolver_address(value: str) -> str:
    """A name server: an address or name, with its port if that is not 53."""
    if value.startswith("unix:"):
        raise NotValid("a name server is not reached through a socket file")
    return server_address(value)


def network(value: str) -> str:
    """An address, a network as ``10.0.0.0/8``, or ``unix:`` for whoever comes through a socket file."""
    from ipaddress import ip_network

    if value == "unix:":
        return value
    try:
        ip_network(value, strict=True)
    except ValueError as problem:
        if "has host bits set" in str(problem):
            wanted = ip_network(value, strict=False)
            raise NotValid(f"{value} has bits set that its mask cuts off", f"write {wanted}") from None
        raise NotValid(
            f"{value!r} is no address and no network", "write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32"
        ) from None
    if not re.fullmatch(r"[0-9A-Fa-f.:]+(?:/[0-9]+)?", value):
        raise NotValid(f"{value!r} is no address and no network that nginx reads")
    return value


def network_or_all(value: str) -> str:
    """A network, or ``all``."""
    return value if value == "all" else network(value)


def proxy_pass(value: str) -> str:
    """``http://`` or ``https://``, a group, address or expression, and perhaps the URI that replaces the prefix."""
    return _pass("proxy_pass", value)


def fastcgi_pass(value: str) -> str:
    """A group, an address or a socket."""
    return _pass("fastcgi_pass", value)


def uwsgi_pass(value: str) -> str:
    """A group, an address or a socket, ``suwsgi://`` before it for TLS."""
    return _pass("uwsgi_pass", value)


def grpc_pass(value: str) -> str:
    """A group, an address or a socket, ``grpcs://`` before it for TLS."""
    return _pass("grpc_pass", value)


def pass_host(value: str) -> str | None:
    """The host and port in a URL or address to pass to; None when it is an expression or a socket."""
    rest = _URI_VARIABLE.sub("/", value.split("://", 1)[-1])
    host = rest.split("/", 1)[0]
    return None if "$" in host or rest.startswith("unix:") else host


def _pass(directive: str, value: str) -> str:
    schemes = _SCHEMES[directive]
    expression(word(value))
    if re.search(r"\s", value):
        raise NotValid("a blank in an address")
    scheme = next((one for one in schemes if value.startswith(one)), "")
    if "://" in value.split("$", 1)[0] and not scheme:
        raise NotValid(f"{directive} cannot take {value!r}", f"it begins with {' or '.join(schemes) or 'the address'}")
    if directive == "proxy_pass" and not scheme and not value.startswith("$"):
        raise NotValid(f"{value!r} does not say how the backend is spoken to", f'write "http://{value}"')
    rest = value[len(scheme) :]
    if rest.startswith("unix:"):
        path = rest.removeprefix("unix:").split(":/", 1)[0] if directive == "proxy_pass" else rest.removeprefix("unix:")
        _socket(f"unix:{path}")
    elif host := pass_host(value):
        if directive != "proxy_pass" and "/" in rest:
            raise NotValid(f"{directive} takes an address without a path")
        if "?" in host or "#" in host:
            raise NotValid(f"{host!r} is no address; a URI begins with /")
        server_address(host)
    elif "$" not in rest:
        raise NotValid("no address")
    return value


def _socket(value: str) -> str:
    path = value.removeprefix("unix:")
    if not path.startswith("/"):
        raise NotValid(f"{value!r} names no socket file", "write unix: and the whole path, such as unix:/run/app.sock")
    if path.endswith((":", "/")) or path != path.strip():
        raise NotValid(f"{value!r} names no socket file: it ends with {path[-1]!r}")
    if "$" in path:
        raise NotValid("nginx expands no variables here")
    if len(path.encode()) > _SOCKET_LENGTH:
        raise NotValid(f"the path of a socket file has at most {_SOCKET_LENGTH} bytes")
    return value


def _split_port(value: str) -> tuple[str, str | None]:
    if "://" in value or "/" in value:
        address = value.split("://", 1)[-1].split("/", 1)[0]
        raise NotValid(
            f"{value!r} is no address: it has no scheme and no path", f'write "{address}"' if address else None
        )
    if value.startswith("["):
        host, bracket, rest = value.partition("]")
        if bracket and (not rest or rest.startswith(":")):
            return host + bracket, rest[1:] if rest else None
        raise NotValid(f"{value!r} is no address", "write [2001:db8::1]:8080")
    if value.count(":") > 1:
        raise NotValid(f"{value!r} is no address", "IPv6 addresses stand in brackets: [2001:db8::1]:8080")
    host, colon, port = value.partition(":")
    return host, port if colon else None


def _check_host(host: str, value: str) -> None:
    if host.startswith("["):
        from ipaddress import AddressValueError, IPv6Address

        try:
            IPv6Address(host[1:-1])
        except AddressValueError:
            raise NotValid(f"{host!r} is no IPv6 address") from None
        if "%" in host:
            raise NotValid("nginx takes no zone in an IPv6 address")
        return
    if not host:
        raise NotValid(f"{value!r} has no host" if value else "an empty string is no address")
    labels = host.removesuffix(".").split(".")
    last = labels[-1]
    if re.fullmatch(r"[0-9]+|0[xX][0-9A-Fa-f]*", last):
        if re.fullmatch(_IPV4, host):
            return
        raise NotValid(f"{host!r} is no IPv4 address", "write four numbers from 0 to 255, without leading zeros")
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise NotValid(f"{host!r} is neither an address nor a host's name")


def _check_port(port: str, value: str) -> None:
    if not re.fullmatch(_PORT, port):
        place = "" if port == value else f" in {value!r}"
        raise NotValid(f"{port!r}{place} is no port", "ports are 1 to 65535, without leading zeros")


def _check_ports(ports: str, value: str) -> None:
    for port in ports.split("-", 1):
        _check_port(port, value)
    first, _, last = ports.partition("-")
    if last and int(first) > int(last):
        raise NotValid(f"the ports {ports} run backwards")
