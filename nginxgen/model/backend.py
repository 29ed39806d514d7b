"""How nginx speaks to backends: over HTTP, FastCGI, uwsgi and gRPC.

Each class is a group of fields that http, a server and a location share. What protocols have in common has the
same name behind the protocol's prefix, as in nginx.
"""

from typing import Annotated, Literal

from nginxgen.model.block import Block, directive
from nginxgen.model.kind import Between
from nginxgen.model.records import Buffers, FastcgiParam, Rewriting
from nginxgen.model.values import (
    BytesPerSecond,
    Certificate,
    Count,
    Duration,
    Expression,
    Filled,
    HeaderName,
    Identifier,
    Positive,
    Regex,
    Size,
    Switch,
    Word,
)

NextUpstream = Literal[
    "error",
    "timeout",
    "invalid_header",
    "http_500",
    "http_502",
    "http_503",
    "http_504",
    "http_403",
    "http_404",
    "http_429",
    "non_idempotent",
    "off",
]
CgiNextUpstream = Literal[
    "error",
    "timeout",
    "invalid_header",
    "http_500",
    "http_503",
    "http_403",
    "http_404",
    "http_429",
    "non_idempotent",
    "off",
]
"""The same without 502 and 504, which nginx refuses for FastCGI and uwsgi (measured)."""
ObeyedHeader = Literal[
    "X-Accel-Redirect",
    "X-Accel-Expires",
    "X-Accel-Limit-Rate",
    "X-Accel-Buffering",
    "X-Accel-Charset",
    "Expires",
    "Cache-Control",
    "Set-Cookie",
    "Vary",
]
SslProtocol = Literal["SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
Modifier = Annotated[int, Between(0, 255)]


class Proxying(Block):
    """Backends that speak HTTP."""

    proxy_set_header: dict[HeaderName, Expression] = directive("Headers that the backend gets.", placed=True)
    proxy_http_version: Literal["1.0", "1.1", "2"] | None = directive("The version of HTTP it is spoken to with.")
    proxy_connect_timeout: Duration | None = directive("For how long connecting to the backend may take.")
    proxy_send_timeout: Duration | None = directive("For how long the backend may read nothing.")
    proxy_read_timeout: Duration | None = directive("For how long the backend may say nothing.")
    proxy_next_upstream: tuple[NextUpstream, ...] = directive("When the next server of the group is asked.")
    proxy_next_upstream_tries: Count | None = directive("How many servers are asked at most; 0 is all.")
    proxy_next_upstream_timeout: Duration | None = directive(
        "For how long other servers of the group are tried; 0 is no limit."
    )
    proxy_buffering: bool | None = directive("Whether answers are read ahead of the client.")
    proxy_buffer_size: Size | None = directive("The buffer for an answer's header.")
    proxy_buffers: Buffers | None = directive("The buffers for an answer's body: how many, and how large.")
    proxy_busy_buffers_size: Size | None = directive("How much of the buffers may be on its way to the client.")
    proxy_max_temp_file_size: Size | None = directive("How much of an answer may go to a temporary file; 0 is nothing.")
    proxy_temp_file_write_size: Size | None = directive("How much is written to a temporary file at once.")
    proxy_temp_path: tuple[Word, ...] = directive("Where answers are stored that do not fit into the buffers.")
    proxy_request_buffering: bool | None = directive("Whether a request is read whole before it is passed on.")
    proxy_redirect: tuple[Rewriting, ...] = directive("How Location and Refresh in answers are rewritten.")
    proxy_cookie_domain: tuple[Rewriting, ...] = directive("How cookies' domains are rewritten.")
    proxy_cookie_path: tuple[Rewriting, ...] = directive("How cookies' paths are rewritten.")
    proxy_hide_header: tuple[HeaderName, ...] = directive("Headers of the answer that are kept back.", each=True)
    proxy_pass_header: tuple[HeaderName, ...] = directive(
        "Headers that are passed although nginx would not.", each=True
    )
    proxy_ignore_headers: tuple[ObeyedHeader, ...] = directive("Headers of the answer that nginx does not obey.")
    proxy_intercept_errors: bool | None = directive("Whether error_page counts for the backend's errors.")
    proxy_ignore_client_abort: bool | None = directive("Whether the backend's work goes on without the client.")
    proxy_pass_request_body: bool | None = directive("Whether the backend gets the request's body.")
    proxy_pass_request_headers: bool | None = directive("Whether the backend gets the request's headers.")
    proxy_pass_trailers: bool | None = directive("Whether trailers of the answer are passed on.")
    proxy_set_body: Expression | None = directive("The body that the backend gets instead of the request's.")
    proxy_method: Filled | None = directive("The method that the backend gets instead of the request's.")
    proxy_bind: tuple[Filled, ...] = directive("The address connections come from.")
    proxy_limit_rate: BytesPerSecond | None = directive("How many bytes a second are read from the backend.")
    proxy_socket_keepalive: bool | None = directive("Whether TCP keepalive is on.")
    proxy_force_ranges: bool | None = directive(
        "Whether ranges of answers can be asked for, whatever the backend says."
    )
    proxy_headers_hash_bucket_size: Positive | None = directive("The bucket of the table of headers.")
    proxy_headers_hash_max_size: Positive | None = directive("The size of the table of headers.")
    proxy_ssl_verify: bool | None = directive("Whether the backend's certificate is checked.")
    proxy_ssl_verify_depth: Count | None = directive("Through how many issuers the backend's certificate is checked.")
    proxy_ssl_trusted_certificate: Certificate | None = directive(
        "The issuers of backends' certificates that are trusted."
    )
    proxy_ssl_crl: Certificate | None = directive("Certificates that are revoked.")
    proxy_ssl_server_name: bool | None = directive("Whether the name is sent (SNI).")
    proxy_ssl_name: Filled | None = directive("The backend's name that is sent (SNI) and checked.")
    proxy_ssl_certificate: Certificate | None = directive("The certificate nginx shows.")
    proxy_ssl_certificate_key: Certificate | None = directive("The key of the certificate that nginx shows.")
    proxy_ssl_protocols: tuple[SslProtocol, ...] = directive("The protocols.")
    proxy_ssl_ciphers: Word | None = directive("The ciphers.")
    proxy_ssl_session_reuse: bool | None = directive("Whether sessions are reused.")


class FastCgi(Block):
    """Backends that speak FastCGI, such as PHP."""

    fastcgi_param: dict[Identifier, FastcgiParam] = directive("Parameters that the backend gets.", placed=True)
    fastcgi_index: Word | None = directive("The file that stands for a folder.")
    fastcgi_split_path_info: Regex | None = directive("How the script and the path behind it are told apart.")
    fastcgi_keep_conn: bool | None = directive("Whether connections are kept.")
    fastcgi_connect_timeout: Duration | None = directive("For how long connecting to the backend may take.")
    fastcgi_send_timeout: Duration | None = directive("For how long the backend may read nothing.")
    fastcgi_read_timeout: Duration | None = directive("For how long the backend may say nothing.")
    fastcgi_next_upstream: tuple[CgiNextUpstream, ...] = directive("When the next server of the group is asked.")
    fastcgi_next_upstream_tries: Count | None = directive("How many servers are asked at most; 0 is all.")
    fastcgi_next_upstream_timeout: Duration | None = directive(
        "For how long other servers of the group are tried; 0 is no limit."
    )
    fastcgi_buffering: bool | None = directive("Whether answers are read ahead of the client.")
    fastcgi_buffer_size: Size | None = directive("The buffer for an answer's header.")
    fastcgi_buffers: Buffers | None = directive("The buffers for an answer's body: how many, and how large.")
    fastcgi_busy_buffers_size: Size | None = directive("How much of the buffers may be on its way to the client.")
    fastcgi_max_temp_file_size: Size | None = directive(
        "How much of an answer may go to a temporary file; 0 is nothing."
    )
    fastcgi_request_buffering: bool | None = directive("Whether a request is read whole before it is passed on.")
    fastcgi_hide_header: tuple[HeaderName, ...] = directive("Headers of the answer that are kept back.", each=True)
    fastcgi_pass_header: tuple[HeaderName, ...] = directive("Headers that are passed on all the same.", each=True)
    fastcgi_ignore_headers: tuple[ObeyedHeader, ...] = directive("Headers of the answer that nginx does not obey.")
    fastcgi_intercept_errors: bool | None = directive("Whether error_page counts for the backend's errors.")
    fastcgi_ignore_client_abort: bool | None = directive("Whether the backend's work goes on without the client.")
    fastcgi_pass_request_body: bool | None = directive("Whether the backend gets the request's body.")
    fastcgi_pass_request_headers: bool | None = directive("Whether the backend gets the request's headers.")
    fastcgi_catch_stderr: tuple[Word, ...] = directive(
        "Texts in the backend's errors that make an answer bad.", each=True
    )
    fastcgi_socket_keepalive: bool | None = directive("Whether TCP keepalive is on.")


class Uwsgi(Block):
    """Backends that speak uwsgi, such as Python's uWSGI."""

    uwsgi_param: dict[Identifier, FastcgiParam] = directive("Parameters that the backend gets.", placed=True)
    uwsgi_modifier1: Modifier | None = directive("The protocol's first modifier.")
    uwsgi_modifier2: Modifier | None = directive("The protocol's second modifier.")
    uwsgi_connect_timeout: Duration | None = directive("For how long connecting to the backend may take.")
    uwsgi_send_timeout: Duration | None = directive("For how long the backend may read nothing.")
    uwsgi_read_timeout: Duration | None = directive("For how long the backend may say nothing.")
    uwsgi_next_upstream: tuple[CgiNextUpstream, ...] = directive("When the next server of the group is asked.")
    uwsgi_next_upstream_tries: Count | None = directive("How many servers are asked at most; 0 is all.")
    uwsgi_next_upstream_timeout: Duration | None = directive(
        "For how long other servers of the group are tried; 0 is no limit."
    )
    uwsgi_buffering: bool | None = directive("Whether answers are read ahead of the client.")
    uwsgi_buffer_size: Size | None = directive("The buffer for an answer's header.")
    uwsgi_buffers: Buffers | None = directive("The buffers for an answer's body: how many, and how large.")
    uwsgi_busy_buffers_size: Size | None = directive("How much of the buffers may be on its way to the client.")
    uwsgi_max_temp_file_size: Size | None = directive("How much of an answer may go to a temporary file; 0 is nothing.")
    uwsgi_request_buffering: bool | None = directive("Whether a request is read whole before it is passed on.")
    uwsgi_hide_header: tuple[HeaderName, ...] = directive("Headers of the answer that are kept back.", each=True)
    uwsgi_pass_header: tuple[HeaderName, ...] = directive("Headers that are passed on all the same.", each=True)
    uwsgi_ignore_headers: tuple[ObeyedHeader, ...] = directive("Headers of the answer that nginx does not obey.")
    uwsgi_intercept_errors: bool | None = directive("Whether error_page counts for the backend's errors.")
    uwsgi_ignore_client_abort: bool | None = directive("Whether the backend's work goes on without the client.")
    uwsgi_socket_keepalive: bool | None = directive("Whether TCP keepalive is on.")


class Grpc(Block):
    """Backends that speak gRPC."""

    grpc_set_header: dict[HeaderName, Expression] = directive("Headers that the backend gets.", placed=True)
    grpc_connect_timeout: Duration | None = directive("For how long connecting to the backend may take.")
    grpc_send_timeout: Duration | None = directive("For how long the backend may read nothing.")
    grpc_read_timeout: Duration | None = directive("For how long the backend may say nothing.")
    grpc_next_upstream: tuple[NextUpstream, ...] = directive("When the next server of the group is asked.")
    grpc_next_upstream_tries: Count | None = directive("How many servers are asked at most; 0 is all.")
    grpc_next_upstream_timeout: Duration | None = directive(
        "For how long other servers of the group are tried; 0 is no limit."
    )
    grpc_buffer_size: Size | None = directive("The buffer for reading answers.")
    grpc_hide_header: tuple[HeaderName, ...] = directive("Headers of the answer that are kept back.", each=True)
    grpc_pass_header: tuple[HeaderName, ...] = directive("Headers that are passed on all the same.", each=True)
    grpc_ignore_headers: tuple[Literal["X-Accel-Redirect", "X-Accel-Charset"], ...] = directive(
        "Headers of the answer that nginx does not obey."
    )
    grpc_intercept_errors: bool | None = directive("Whether error_page counts for the backend's errors.")
    grpc_socket_keepalive: bool | None = directive("Whether TCP keepalive is on.")
    grpc_ssl_verify: bool | None = directive("Whether the backend's certificate is checked.")
    grpc_ssl_trusted_certificate: Certificate | None = directive(
        "The issuers of backends' certificates that are trusted."
    )
    grpc_ssl_server_name: bool | None = directive("Whether the name is sent (SNI).")
    grpc_ssl_name: Filled | None = directive("The backend's name that is sent (SNI) and checked.")
    grpc_ssl_certificate: Certificate | None = directive("The certificate nginx shows.")
    grpc_ssl_certificate_key: Certificate | None = directive("The key of the certificate that nginx shows.")


class Mirroring(Block):
    """Copies of requests."""

    mirror: tuple[Switch, ...] = directive("Locations that get a copy of each request.", each=True)
    mirror_request_body: bool | None = directive("Whether the copy has the request's body.")


class Backends(Proxying, FastCgi, Uwsgi, Grpc, Mirroring):
    """All of them."""
