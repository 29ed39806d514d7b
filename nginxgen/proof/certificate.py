"""A throw-away certificate, for tests of configurations whose real ones are elsewhere.

Its private key is the number 1, so it is no secret and needs no file: with that, the public key is the curve's base
point, and signing is plain arithmetic (SEC 1, with the nonce 1 too). OpenSSL takes it like any other.
"""

from __future__ import annotations

import base64
import hashlib

# NIST P-256: order and base point.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_BASE_X = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
_BASE_Y = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5

_EC_PUBLIC_KEY = "2a8648ce3d0201"
_P256 = "2a8648ce3d030107"
_ECDSA_SHA256 = "2a8648ce3d040302"
_COMMON_NAME = "550403"
_ALT_NAME = "551d11"
_BASIC_CONSTRAINTS = "551d13"


def certificate_pem(name: str = "nginxgen.invalid") -> str:
    """A certificate for a name, valid from 2020 to 2120, signed by itself and allowed to sign."""
    return _pem("CERTIFICATE", _signed(_to_be_signed(name)))


def key_pem() -> str:
    """Its private key."""
    point = b"\x04" + _BASE_X.to_bytes(32) + _BASE_Y.to_bytes(32)
    key = _sequence(
        _integer(1),
        _tagged(0x04, (1).to_bytes(32)),
        _tagged(0xA0, _oid(_P256)),
        _tagged(0xA1, _bits(point)),
    )
    return _pem("EC PRIVATE KEY", key)


def crl_pem(name: str = "nginxgen.invalid") -> str:
    """A list of revoked certificates, signed by the same key, with none on it."""
    listed = _sequence(
        _integer(1), _sequence(_oid(_ECDSA_SHA256)), _name(name), _time("20200101000000Z"), _time("21200101000000Z")
    )
    return _pem("X509 CRL", _signed(listed))


def _to_be_signed(name: str) -> bytes:
    point = b"\x04" + _BASE_X.to_bytes(32) + _BASE_Y.to_bytes(32)
    public = _sequence(_sequence(_oid(_EC_PUBLIC_KEY), _oid(_P256)), _bits(point))
    is_authority = _sequence(_oid(_BASIC_CONSTRAINTS), _tagged(0x04, _sequence(_tagged(0x01, b"\xff"))))
    names = _sequence(_oid(_ALT_NAME), _tagged(0x04, _sequence(_tagged(0x82, name.encode()))))
    return _sequence(
        _tagged(0xA0, _integer(2)),
        _integer(1),
        _sequence(_oid(_ECDSA_SHA256)),
        _name(name),
        _sequence(_time("20200101000000Z"), _time("21200101000000Z")),
        _name(name),
        public,
        _tagged(0xA3, _sequence(is_authority, names)),
    )


def _signed(body: bytes) -> bytes:
    digest = int.from_bytes(hashlib.sha256(body).digest())
    r = _BASE_X % _ORDER
    s = (digest + r) % _ORDER
    return _sequence(body, _sequence(_oid(_ECDSA_SHA256)), _bits(_sequence(_integer(r), _integer(s))))


def _name(name: str) -> bytes:
    return _sequence(_tagged(0x31, _sequence(_oid(_COMMON_NAME), _tagged(0x0C, name.encode()))))


def _time(text: str) -> bytes:
    return _tagged(0x18, text.encode())


def _oid(encoded: str) -> bytes:
    return _tagged(0x06, bytes.fromhex(encoded))


def _integer(value: int) -> bytes:
    return _tagged(0x02, value.to_bytes(value.bit_length() // 8 + 1))


def _bits(value: bytes) -> bytes:
    return _tagged(0x03, b"\x00" + value)


def _sequence(*parts: bytes) -> bytes:
    return _tagged(0x30, b"".join(parts))


def _tagged(tag: int, value: bytes) -> bytes:
    size = len(value)
    if size < 0x80:
        return bytes([tag, size]) + value
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + value


def _pem(label: str, der: bytes) -> str:
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{text}-----END {label}-----\n"
