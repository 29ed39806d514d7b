"""The types that fields are declared with: one alias for each kind of text."""

from typing import Annotated

from nginxgen.model import addresses, names, text
from nginxgen.model.kind import Between, Kind, one_of

Duration = Annotated[
    str,
    Kind("a time", text.milliseconds, "duration", numbers=True, pattern=r"^[0-9]+(ms|[smhdw])?([0-9]+(ms|[smhd]))*$"),
]
Seconds = Annotated[
    str, Kind("a time", text.seconds, "duration", numbers=True, pattern=r"^[0-9]+[smhdwMy]?([0-9]+[smhdwM])*$")
]
Size = Annotated[str, Kind("a size", text.size, "size", numbers=True, pattern="^[0-9]+[kKmM]?$")]
Offset = Annotated[str, Kind("a size", text.offset, "size", numbers=True, pattern="^[0-9]+[kKmMgG]?$")]
BytesPerSecond = Annotated[str, Kind("a rate", text.bytes_per_second, "size", expands=True, numbers=True)]
Rate = Annotated[str, Kind("a rate", text.rate, "duration", pattern="^[1-9][0-9]*r/[sm]$")]

Word = Annotated[str, Kind("a word", text.word, "header_value")]
Literally = Annotated[str, Kind("a text", text.any_text, "header_value")]
Expression = Annotated[str, Kind("a text", text.expression, "header_value", expands=True)]
Filled = Annotated[str, Kind("a text", text.nonempty_expression, "header_value", expands=True)]
GzipStatic = Annotated[str, Kind("a switch", one_of("on", "off", "always"), "header_value", flags=True)]
Aio = Annotated[
    str,
    Kind(
        "a switch",
        one_of("on", "off", "threads", pattern=r"threads=[\w$]+", form="threads=NAME"),
        "header_value",
        flags=True,
    ),
]
BodyInFile = Annotated[str, Kind("a switch", one_of("on", "off", "clean"), "header_value", flags=True)]
Charset = Annotated[
    str,
    Kind(
        "a character set",
        one_of("off", pattern=r"[\w.:+-]+|\$\w+", form="a name such as utf-8"),
        "header_value",
        expands=True,
        flags=True,
    ),
]
Expires = Annotated[
    str,
    Kind(
        "a time",
        one_of(
            "max",
            "off",
            "epoch",
            "modified",
            pattern=r"[+-]?(?=\d)(?:\d+y)?(?:\d+M)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s?)?|@[\dhms]+|\$\w+",
            form="a time such as 30d, -1 or @15h30m",
        ),
        "duration",
        expands=True,
        numbers=True,
        flags=True,
    ),
]
KeepaliveProbes = Annotated[
    str,
    Kind(
        "TCP keepalive",
        one_of(
            "on",
            "off",
            pattern=r"(?=.*\d)(?:\d+[smhd]?)?:(?:\d+[smhd]?)?:\d*",
            form="idle:interval:count such as 30m::10",
        ),
        "server_param",
        flags=True,
    ),
]
SameSite = Annotated[
    str,
    Kind(
        "a cookie's SameSite",
        one_of("strict", "lax", "none", pattern=r"\$\w+", form="a variable"),
        "server_param",
        expands=True,
    ),
]
Switch = Annotated[str, Kind("on, off or a word", text.word, "header_value", flags=True)]
Hsts = Annotated[str, Kind("on, off or a text", text.hsts, "header_value", expands=True, flags=True)]
SwitchExpression = Annotated[
    str, Kind("off or a text", text.nonempty_expression, "header_value", expands=True, flags=True)
]
Body = Annotated[str, Kind("a text", text.multiline, "return_body", expands=True, multiline=True)]
Variable = Annotated[str, Kind("a variable", text.variable, "map_key", pattern=r"^\$[A-Za-z_][A-Za-z0-9_]*$")]
Redirect = Annotated[str, Kind("a URL or text", text.multiline, "redirect_url", expands=True, multiline=True)]
Regex = Annotated[str, Kind("a regular expression", text.regex, "location_regex")]

File = Annotated[str, Kind("a file", text.file_path, "file_path")]
Directory = Annotated[str, Kind("a path", text.path_expression, "file_path", expands=True)]
Certificate = Annotated[str, Kind("a file", text.certificate, "file_path")]
IncludedFile = Annotated[str, Kind("a file", text.included_file, "file_path")]
ErrorLogTarget = Annotated[str, Kind("a log", text.error_log_target, "file_path")]
AccessLogTarget = Annotated[str, Kind("a log", text.access_log_target, "file_path", expands=True)]

ServerAddress = Annotated[str, Kind("a backend's address", addresses.server_address, "server_address")]
ListenAddress = Annotated[str, Kind("an address to listen on", addresses.listen_address, "listen", numbers=True)]
ResolverAddress = Annotated[str, Kind("a name server", addresses.resolver_address, "server_address")]
Network = Annotated[str, Kind("a network", addresses.network, "cidr")]
NetworkOrAll = Annotated[str, Kind("a network", addresses.network_or_all, "cidr")]
ProxyPass = Annotated[str, Kind("a backend's URL", addresses.proxy_pass, "server_address", expands=True)]
FastcgiPass = Annotated[str, Kind("a backend", addresses.fastcgi_pass, "server_address", expands=True)]
UwsgiPass = Annotated[str, Kind("a backend", addresses.uwsgi_pass, "server_address", expands=True)]
GrpcPass = Annotated[str, Kind("a backend", addresses.grpc_pass, "server_address", expands=True)]

UpstreamName = Annotated[str, Kind("a group's name", names.upstream_name, "upstream_name")]
Identifier = Annotated[str, Kind("a name", names.identifier, "upstream_name")]
ServerName = Annotated[str, Kind("a host's name", names.server_name, "server_name")]
LocationMatch = Annotated[str, Kind("a location's path", names.location_match, "location_path", joined=True)]
HeaderName = Annotated[str, Kind("a header's name", names.header_name, "header_name")]
MapKey = Annotated[str, Kind("a map's key", names.map_key, "map_key")]
MimeType = Annotated[str, Kind("a media type", names.mime_type, "upstream_name")]
Extension = Annotated[str, Kind("an extension", names.extension, "upstream_name")]
Environment = Annotated[str, Kind("a variable of the environment", names.environment, "header_value")]
Account = Annotated[str, Kind("an account", names.user_name, "upstream_name")]

Count = Annotated[int, Between(0, 2**31 - 1)]
Positive = Annotated[int, Between(1, 2**31 - 1)]
StatusCode = Annotated[int, Between(300, 599)]
RefusalCode = Annotated[int, Between(400, 599)]
AnswerCode = Annotated[int, Between(0, 999)]
