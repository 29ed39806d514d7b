"""TLS: the directives of http and servers, and the profiles that stand for a set of them."""

from typing import Annotated, Literal

from nginxgen.model.backend import SslProtocol
from nginxgen.model.block import Block, directive, intent
from nginxgen.model.hatch import Open
from nginxgen.model.values import Certificate, Count, Hsts, Seconds, Size, Word

VerifyClient = Literal["on", "off", "optional", "optional_no_ca"]


class Ssl(Block):
    """What http and a server say of TLS."""

    ssl_certificate: tuple[Certificate, ...] = directive(
        "Certificates with their issuers, one of each kind.", each=True
    )
    ssl_certificate_key: tuple[Certificate, ...] = directive("The certificates' keys, in the same order.", each=True)
    ssl_password_file: Certificate | None = directive("The keys' passwords.")
    ssl_protocols: tuple[SslProtocol, ...] = directive("The protocols that are spoken.")
    ssl_ciphers: Word | None = directive("The ciphers up to TLS 1.2, as OpenSSL writes them.")
    ssl_prefer_server_ciphers: bool | None = directive("Whether our order of ciphers counts.")
    ssl_ecdh_curve: Word | None = directive("The groups for key agreement, as OpenSSL writes them.")
    ssl_dhparam: Certificate | None = directive("The parameters for DHE ciphers.")
    ssl_conf_command: dict[Word, Word] = directive("Settings of OpenSSL itself.")
    ssl_session_cache: tuple[Word, ...] = directive("Where sessions are kept: shared:NAME:SIZE, off.")
    ssl_session_timeout: Seconds | None = directive("For how long sessions are kept.")
    ssl_session_tickets: bool | None = directive("Whether clients keep their sessions in tickets.")
    ssl_session_ticket_key: tuple[Certificate, ...] = directive("The keys of session tickets.", each=True)
    ssl_buffer_size: Size | None = directive("The buffer for sending.")
    ssl_early_data: bool | None = directive("Whether requests may come with the first packet, and be replayed.")
    ssl_stapling: bool | None = directive("Whether the certificate's OCSP answer is sent along.")
    ssl_stapling_verify: bool | None = directive("Whether stapled answers are checked.")
    ssl_trusted_certificate: Certificate | None = directive("Issuers that are trusted but not sent.")
    ssl_client_certificate: Certificate | None = directive("Issuers whose client certificates are taken.")
    ssl_verify_client: VerifyClient | None = directive("Whether clients show a certificate.")
    ssl_verify_depth: Count | None = directive("Through how many issuers client certificates are checked.")
    ssl_crl: Certificate | None = directive("Certificates that are revoked.")
    ssl_reject_handshake: bool | None = directive("Whether handshakes with this server are refused.")
    http2: bool | None = directive("Whether HTTP/2 is spoken, on its TLS listeners.")
    http3: bool | None = directive("Whether HTTP/3 is spoken, on its quic listeners.")
    http2_max_concurrent_streams: Count | None = directive("How many requests at once a connection may have.")


class Tls(Open):
    """A set of TLS settings that servers name with ``tls = "NAME"``."""

    certificate: Annotated[tuple[Certificate, ...], intent("Certificates with their issuers, one of each kind.")]
    certificate_key: Annotated[tuple[Certificate, ...], intent("The certificates' keys, in the same order.")]
    profile: Literal["modern", "intermediate", "old"] | None = intent("Mozilla's published profile; intermediate.")
    dhparam: Certificate | None = intent("The parameters for DHE ciphers; the profile leaves these out without it.")
    session_cache: Word | None = intent("Where sessions are kept: shared:NAME:SIZE.")
    session_timeout: Seconds | None = intent("For how long sessions are kept.")
    session_tickets: bool | None = intent("Whether clients keep their sessions in tickets.")
    hsts: Hsts | None = intent("The Strict-Transport-Security header: true for two years, or its value.")
    client_certificate: Certificate | None = intent("Issuers whose client certificates are taken.")
    verify_client: VerifyClient | None = intent("Whether clients show a certificate.")
    verify_depth: Count | None = intent("Through how many issuers client certificates are checked.")
    crl: Certificate | None = intent("Client certificates that are revoked.")
