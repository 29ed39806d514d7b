"""What http, a server and a location may each say: files, answers, clients, logs, limits, access.

Each class is a group of fields that these blocks share; nginx lets the inner block override the outer one.
"""

from typing import Annotated, Literal

from nginxgen.model.block import Block, block, directive, intent
from nginxgen.model.codec import AccessCodec
from nginxgen.model.kind import Between
from nginxgen.model.records import (
    AccessLog,
    AccessRule,
    AddHeader,
    Buffers,
    ErrorLog,
    ErrorPage,
    KeepaliveTimeout,
    LimitConn,
    LimitReq,
    Resolver,
)
from nginxgen.model.values import (
    Aio,
    BodyInFile,
    BytesPerSecond,
    Charset,
    Count,
    Directory,
    Duration,
    Expires,
    Expression,
    Extension,
    Filled,
    GzipStatic,
    HeaderName,
    IncludedFile,
    MimeType,
    Network,
    NetworkOrAll,
    Offset,
    Positive,
    RefusalCode,
    Seconds,
    Size,
    Switch,
    SwitchExpression,
    Variable,
    Word,
)

GzipProxied = Literal["off", "expired", "no-cache", "no-store", "private", "no_last_modified", "no_etag", "auth", "any"]


class Files(Block):
    """Files that nginx serves itself."""

    include: tuple[IncludedFile, ...] = directive("Files to read at this place.", each=True)
    root: Directory | None = directive("The folder in which a request's path is looked up.", placed=True)
    index: tuple[Filled, ...] = directive("The files that stand for a folder.", placed=True)
    mime_types: Literal["standard"] | None = intent("nginxgen's own table of media types, written into the file.")
    types: dict[MimeType, tuple[Extension, ...]] | None = block("Media types and the extensions they have.")
    default_type: Filled | None = directive("The media type of everything else.", placed=True)
    autoindex: bool | None = directive("Whether folders are listed.")
    autoindex_exact_size: bool | None = directive("Whether listings show sizes in bytes.")
    autoindex_format: Literal["html", "xml", "json", "jsonp"] | None = directive("The format of listings.")
    autoindex_localtime: bool | None = directive("Whether listings show local times.")
    etag: bool | None = directive("Whether files get an ETag.")
    if_modified_since: Literal["off", "exact", "before"] | None = directive("How If-Modified-Since is compared.")
    max_ranges: Count | None = directive("How many ranges a request may ask for.")
    sendfile: bool | None = directive("Whether the kernel copies files to the client.")
    sendfile_max_chunk: Size | None = directive("How much of a file is sent at once.")
    tcp_nopush: bool | None = directive("Whether headers and the beginning of a file are sent together.")
    tcp_nodelay: bool | None = directive("Whether small packets are sent at once.")
    aio: Aio | None = directive("Whether files are read asynchronously, or by threads.")
    directio: Switch | None = directive("From which size on files bypass the page cache.")
    output_buffers: Buffers | None = directive("Buffers for reading files.")
    open_file_cache: tuple[Word, ...] = directive("How many open files are remembered: max=N inactive=time, or off.")
    open_file_cache_valid: Seconds | None = directive("After which time open files are looked at again.")
    open_file_cache_min_uses: Positive | None = directive("After how many uses open files are remembered.")
    open_file_cache_errors: bool | None = directive("Whether missing files are remembered too.")
    log_not_found: bool | None = directive("Whether missing files are logged as errors.")
    disable_symlinks: tuple[Word, ...] = directive("Whether symbolic links are refused.")
    expires: tuple[Expires, ...] = directive("For how long answers may be cached: 30d, max, off, epoch.")


class Answers(Block):
    """What goes back to the client besides the body."""

    add_header: tuple[AddHeader, ...] = directive("Headers of the answer.", placed=True)
    add_header_inherit: Literal["on", "off", "merge"] | None = directive("What of the outer block's add_header counts.")
    error_page: tuple[ErrorPage, ...] = directive("What is answered instead of errors.", placed=True)
    recursive_error_pages: bool | None = directive("Whether error pages may have error pages.")
    charset: Charset | None = directive("The character set that answers are declared to have.")
    source_charset: Charset | None = directive("The character set that answers really have.")
    override_charset: bool | None = directive("Whether the character set of a backend's answer is replaced.")
    charset_types: tuple[MimeType, ...] = directive("The media types that get a character set.")
    server_tokens: Switch | None = directive("Whether nginx tells its version.")
    absolute_redirect: bool | None = directive("Whether redirects that nginx makes hold the host.")
    server_name_in_redirect: bool | None = directive(
        "Whether redirects hold the server's first name, not the request's host."
    )
    port_in_redirect: bool | None = directive("Whether redirects that nginx makes hold the port.")
    chunked_transfer_encoding: bool | None = directive("Whether answers of unknown length are chunked.")
    early_hints: tuple[Filled, ...] = directive("When answers of 103 are passed on.")
    gzip: bool | None = directive("Whether answers are compressed.")
    gzip_types: tuple[MimeType, ...] = directive("The media types that are compressed; text/html always is.")
    gzip_comp_level: Annotated[int, Between(1, 9)] | None = directive("How hard answers are compressed: 1 to 9.")
    gzip_min_length: Size | None = directive("From which length on answers are compressed.")
    gzip_proxied: tuple[GzipProxied, ...] = directive("Which answers to proxies are compressed.")
    gzip_vary: bool | None = directive("Whether Vary: Accept-Encoding is sent.")
    gzip_http_version: Literal["1.0", "1.1"] | None = directive("From which version of HTTP on answers are compressed.")
    gzip_disable: tuple[Word, ...] = directive("User agents that get no compressed answer.")
    gzip_buffers: Buffers | None = directive("Buffers for compressing.")
    gzip_static: GzipStatic | None = directive("Whether a file's .gz beside it is sent: on, off or always.")
    gunzip: bool | None = directive("Whether answers are decompressed for clients that need it.")


class Clients(Block):
    """Connections of clients and what they may send."""

    client_max_body_size: Offset | None = directive("How large a request's body may be; 0 is no limit.")
    client_body_buffer_size: Size | None = directive("Up to which size a request's body stays in memory.")
    client_body_timeout: Duration | None = directive("For how long nginx waits between two parts of a request's body.")
    client_body_temp_path: tuple[Word, ...] = directive("Where larger ones are stored.")
    client_body_in_file_only: BodyInFile | None = directive("Whether a request's body always goes to a file.")
    client_body_in_single_buffer: bool | None = directive("Whether a request's body is kept in one piece.")
    keepalive_timeout: KeepaliveTimeout | None = directive("For how long an idle connection is kept.")
    keepalive_min_timeout: Duration | None = directive(
        "For how long an idle connection is kept at least when workers are replaced."
    )
    keepalive_requests: Positive | None = directive("After how many requests a connection is closed.")
    keepalive_time: Duration | None = directive("After which time a connection is closed.")
    keepalive_disable: tuple[Literal["none", "msie6", "safari"], ...] = directive(
        "Browsers whose connections are not kept."
    )
    lingering_close: Literal["off", "on", "always"] | None = directive("Whether the rest of a request is read.")
    lingering_time: Duration | None = directive("For how long altogether nginx reads what a client still sends.")
    lingering_timeout: Duration | None = directive("For how long nginx waits for more of what a client still sends.")
    send_timeout: Duration | None = directive("For how long a client may read nothing.")
    reset_timedout_connection: bool | None = directive("Whether connections that time out are reset.")
    limit_rate: BytesPerSecond | None = directive("How many bytes a second an answer is sent with.")
    limit_rate_after: BytesPerSecond | None = directive("After how many bytes of an answer limit_rate begins.")
    limit_req: tuple[LimitReq, ...] = directive("Which zones limit requests.")
    limit_req_status: RefusalCode | None = directive("The status for what limit_req refuses.")
    limit_req_log_level: Literal["info", "notice", "warn", "error"] | None = directive(
        "The level at which refusals of limit_req are logged."
    )
    limit_req_dry_run: bool | None = directive("Whether limit_req only counts.")
    limit_conn: tuple[LimitConn, ...] = directive("Which zones limit connections.")
    limit_conn_status: RefusalCode | None = directive("The status for what limit_conn refuses.")
    limit_conn_log_level: Literal["info", "notice", "warn", "error"] | None = directive(
        "The level at which refusals of limit_conn are logged."
    )
    limit_conn_dry_run: bool | None = directive("Whether limit_conn only counts.")
    resolver: Resolver | None = directive("The name servers for names resolved at run time.")
    resolver_timeout: Duration | None = directive("For how long name servers are waited for.")


class Trust(Block):
    """Who the client is, and whether it may come in."""

    set_real_ip_from: tuple[Network, ...] = directive("Proxies whose word on the client is taken.", each=True)
    real_ip_header: HeaderName | None = directive(
        "The header in which trusted proxies tell the client, or proxy_protocol."
    )
    real_ip_recursive: bool | None = directive("Whether the last address that is no such proxy is taken.")
    allow: tuple[NetworkOrAll, ...] = intent("Who may come in; everybody else may not.")
    deny: tuple[NetworkOrAll, ...] = intent("Who may not come in; everybody else may.")
    access: tuple[AccessRule, ...] = directive(
        "Rules in their order; the first that matches decides.", placed=True, codec=AccessCodec()
    )
    satisfy: Literal["all", "any"] | None = directive("Whether all checks must let a request through, or one.")
    auth_basic: SwitchExpression | None = directive("What a browser shows when it asks for a password; off asks none.")
    auth_basic_user_file: Directory | None = directive("The file of accounts and passwords.")
    auth_request: Switch | None = directive("The location that is asked whether a request may come in.")
    auth_request_set: dict[Variable, Expression] = directive("Variables taken from the answer to auth_request.")
    auth_delay: Duration | None = directive("For how long the refusal of a password is held back.")


class Logs(Block):
    """What is written of requests and errors."""

    access_log: tuple[AccessLog, ...] = directive("Where requests are logged.", placed=True)
    error_log: tuple[ErrorLog, ...] = directive("Where errors are logged.", placed=True)
    log_subrequest: bool | None = directive("Whether requests that nginx makes itself are logged.")
    open_log_file_cache: tuple[Word, ...] = directive("How many log files with variables in their names stay open.")


class Serving(Files, Answers, Clients, Trust, Logs):
    """All of them."""
