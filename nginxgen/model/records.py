"""The parameters of directives that take more than one word, by name."""

import json
import re
from typing import Annotated, Any, Literal

from nginxgen.conf.token import unrepresentable
from nginxgen.conf.version import Version
from nginxgen.model.block import arg, flag, intent, param
from nginxgen.model.kind import Between, Kind, NotValid
from nginxgen.model.record import Record
from nginxgen.model.text import nonempty_expression, regex, word
from nginxgen.model.values import (
    AccessLogTarget,
    Account,
    AnswerCode,
    Body,
    Count,
    Duration,
    ErrorLogTarget,
    Expression,
    Filled,
    HeaderName,
    Identifier,
    NetworkOrAll,
    Positive,
    Rate,
    Redirect,
    ResolverAddress,
    Seconds,
    Size,
    StatusCode,
)

_STRING = 1000
"""Characters in one string of a log format: nginx reads at most 4,090 bytes, and each may take four."""
LogLevel = Literal["debug", "info", "notice", "warn", "error", "crit", "alert", "emerg"]
_ZONE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}:[1-9][0-9]{0,8}[kKmM]?")


def _sized_zone(value: str) -> str:
    if not _ZONE.fullmatch(value):
        raise NotValid(f"{value!r} is no zone", "write its name and size, such as clients:10m")
    return value


def _page_answer(value: str) -> str:
    if not re.fullmatch("=|[1-9][0-9]{2}", value):
        raise NotValid(
            f"{value!r} is no status to answer with", 'write a status such as 200, or "=" for that of the page'
        )
    return value


def _rewriting_pattern(value: str) -> str:
    if value.startswith("~"):
        return "~" + regex(value[1:]) if value[1:2] != "*" else "~*" + regex(value[2:])
    return nonempty_expression(value)


RewritingPattern = Annotated[
    str, Kind("a text or ~regex", _rewriting_pattern, "header_value", expands=True, flags=True, patterns=True)
]


def _json_name(value: str) -> str:
    if "$" in value:
        raise NotValid("nginx would replace a variable in a name, too")
    return word(value)


JsonName = Annotated[str, Kind("a name", _json_name, "header_value")]
PageAnswer = Annotated[str, Kind("a status", _page_answer, "integer", numbers=True)]
SizedZone = Annotated[str, Kind("a zone", _sized_zone, "upstream_name")]


class UserAccount(Record):
    """``user``: the account, and perhaps the group, under which workers run."""

    name: Annotated[Account, arg("The account.")]
    group: Account | None = arg("The group, when it is not the account's.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        if isinstance(value, list) and len(value) == 2:
            return {"name": value[0], "group": value[1]}
        return {"name": value} if isinstance(value, str) else value


class ThreadPool(Record):
    """``thread_pool``: threads that read files while workers go on."""

    name: Annotated[Identifier, arg("The pool's name.")]
    threads: Annotated[Annotated[int, Between(1, 65536)], param("How many threads the pool has.")]
    max_queue: Positive | None = param("How many tasks may wait for a thread.")


class ErrorLog(Record):
    """``error_log``: where, and from which level on."""

    target: Annotated[ErrorLogTarget, arg("A file, stderr or syslog:….")]
    level: LogLevel | None = arg("The least severe level that is written.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"target": value} if isinstance(value, str) else value


class LogFormat(Record):
    """``log_format``: the shape of a line in an access log."""

    escape: Literal["default", "json", "none"] | None = param("How characters are escaped in variables.")
    format: tuple[Body, ...] = arg("The line; several strings are joined.")
    json: dict[JsonName, Expression] = intent("The line as a JSON object: names and what they hold, escaped as JSON.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"format": value} if isinstance(value, str | list) else value

    @classmethod
    def from_words(cls, words: list[str]) -> dict[str, Any] | None:
        data: dict[str, Any] = {}
        if words and words[0].startswith("escape="):
            data["escape"], words = words[0].removeprefix("escape="), words[1:]
        return {**data, "format": words} if words else None

    def json_strings(self) -> tuple[str, ...]:
        """The line as a JSON object, whose variables nginx escapes itself; in strings that nginx joins."""
        strings = ["{"]
        for name, value in self.json.items():
            member = f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(value, ensure_ascii=False)}"
            comma = "" if strings == ["{"] else ","
            if len(strings[-1]) + len(member) > _STRING:
                strings.append("")
            strings[-1] += comma + member
        return (*strings[:-1], strings[-1] + "}")

    def problem(self) -> str | None:
        if bool(self.format) == bool(self.json):
            return "a log format has either a format or json"
        if self.json and self.escape not in (None, "json"):
            return "a JSON log is escaped as JSON"
        for text in self.json_strings() if self.json else ():
            if problem := unrepresentable(text):
                return f"one member of the JSON {problem}"
        if self.format and self.format[0].startswith("escape=") and not self.escape:
            return 'nginx would take the beginning of this format for its "escape" parameter'
        return None


class AccessLog(Record):
    """``access_log``: a file or syslog, its format, and how it is written."""

    path: Annotated[AccessLogTarget, arg("A file, syslog:… or off.")]
    format: Identifier | None = arg("The name of a log format.")
    buffer: Size | None = param("Lines are gathered up to this size before they are written.")
    gzip: Annotated[int, Between(1, 9)] | None = param("The level at which lines are compressed.")
    flush: Duration | None = param("Gathered lines are written after this time at the latest.")
    if_: Filled | None = param("Lines are written when this is neither empty nor 0.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        if value is False:
            value = "off"
        return {"path": value} if isinstance(value, str) else value

    @classmethod
    def from_words(cls, words: list[str]) -> dict[str, Any] | None:
        # nginx compresses at level 1 when a log says gzip alone; the second word is always a format's name
        return super().from_words([*words[:2], *("gzip=1" if word == "gzip" else word for word in words[2:])])

    def problem(self) -> str | None:
        if self.path == "off" and len(self.said()) > 1:
            return "a log that is off has no format and no buffer"
        if (self.buffer or self.gzip) and ("$" in self.path or self.path.startswith("syslog:")):
            return "nginx gathers lines for one file only, not for syslog or a path with variables"
        if self.flush and re.fullmatch("(?:0[a-z]*)+", self.flush):
            return "a log is never written at once because of flush; leave flush and buffer out"
        if self.flush and not (self.buffer or self.gzip):
            return "flush needs a buffer, or gzip, which has one"
        return None


class AddHeader(Record):
    """``add_header``: a field of the answer."""

    name: Annotated[HeaderName, arg("The header.")]
    value: Annotated[Expression, arg("The header's value; nothing is sent for an empty one.")]
    always: bool | None = flag("Whether the header is sent with errors too.")

    @classmethod
    def from_table(cls, table: dict[str, Any]) -> list[Any]:
        if "name" in table and "value" in table:
            return [table]
        return [{"name": key, **(one if isinstance(one, dict) else {"value": one})} for key, one in table.items()]


class ErrorPage(Record):
    """``error_page``: what is answered instead of errors."""

    codes: Annotated[tuple[StatusCode, ...], arg("The status codes.")]
    response: PageAnswer | None = arg('The status to answer with; "=" keeps that of the page itself.')
    uri: Annotated[Filled, arg("A page, a named location or a URL.")]

    def words(self) -> list[str]:
        answer = [f"={self.response.removeprefix('=')}"] if self.response else []
        return [*map(str, self.codes), *answer, self.uri]

    def problem(self) -> str | None:
        return "nginx gives 499 no page: the client has gone" if 499 in self.codes else None

    @classmethod
    def from_words(cls, words: list[str]) -> dict[str, Any] | None:
        if not words:
            return None
        *codes, uri = words
        data: dict[str, Any] = {"uri": uri}
        if codes and codes[-1].startswith("="):
            data["response"] = codes.pop()[1:] or "="
        if not codes or not all(code.isascii() and code.isdigit() for code in codes):
            return None
        return {"codes": list(map(int, codes)), **data}


_REDIRECTS = (301, 302, 303, 307, 308)


class Return(Record):
    """``return``: a status, a body or where to go."""

    code: AnswerCode | None = arg("The status; 302 when only a URL stands there.")
    text: Redirect | None = arg("The body or, with 301, 302, 303, 307 and 308, the URL.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        match value:
            case bool():
                return value
            case int():
                return {"code": value}
            case str():
                return {"text": value}
            case [code, text]:
                return {"code": code, "text": text}
            case [code]:
                return {"code": code}
        return value

    @classmethod
    def from_words(cls, words: list[str]) -> dict[str, Any] | None:
        if words and words[0].isascii() and words[0].isdigit() and len(words[0]) <= 3:
            return {"code": int(words[0]), **({"text": words[1]} if len(words) > 1 else {})}
        return {"text": words[0]} if len(words) == 1 else None

    def problem(self) -> str | None:
        if self.code is None and self.text is None:
            return "a return needs a code or a URL"
        if self.code is None and not re.match(r"https?://|\$scheme\b", self.text or ""):
            return (
                "a return without a code needs a URL that begins with http://, https:// or $scheme; else write [302, …]"
            )
        if self.code in (None, *_REDIRECTS) and re.search(r"[\r\n]", self.text or ""):
            return "a URL has no line breaks: what stands behind one would be another header"
        return None


class KeepaliveTimeout(Record):
    """``keepalive_timeout``: for how long an idle client keeps its connection."""

    timeout: Annotated[Duration, arg("The time; 0 closes at once.")]
    header_timeout: Seconds | None = arg("The time that the Keep-Alive header tells the client.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        if isinstance(value, list) and len(value) == 2:
            return {"timeout": value[0], "header_timeout": value[1]}
        return {"timeout": value} if isinstance(value, str | int) and not isinstance(value, bool) else value


class Buffers(Record):
    """How many buffers, of which size."""

    number: Annotated[Positive, arg("How many buffers.")]
    size: Annotated[Size, arg("The size of each.")]

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"number": value[0], "size": value[1]} if isinstance(value, list) and len(value) == 2 else value


class Resolver(Record):
    """``resolver``: the name servers that are asked at run time."""

    addresses: Annotated[tuple[ResolverAddress, ...], arg("The name servers.")]
    valid: Seconds | None = param("For how long answers of name servers are kept, whatever they say.")
    ipv4: bool | None = param("Whether IPv4 addresses are asked for.", since=Version(1, 23, 1))
    ipv6: bool | None = param("Whether IPv6 addresses are asked for.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"addresses": value} if isinstance(value, str | list) else value

    def problem(self) -> str | None:
        if self.ipv4 is False and self.ipv6 is False:
            return "a resolver that asks for neither IPv4 nor IPv6 finds nothing"
        return None if self.addresses else "a resolver needs an address"


class Rewriting(Record):
    """What in an answer of the backend is replaced by what: ``off``, or a pair."""

    pattern: Annotated[RewritingPattern, arg("What is replaced, ~ before a regular expression; off or default alone.")]
    replacement: Expression | None = arg("What stands there instead.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        if isinstance(value, str) or value is False:
            return {"pattern": value}
        return {"pattern": value[0], "replacement": value[1]} if isinstance(value, list) and len(value) == 2 else value

    def problem(self) -> str | None:
        if self.replacement is None and self.pattern not in ("off", "default"):
            return f'what does {self.pattern!r} become? Write ["{self.pattern}", "…"], or false for nothing'
        return None


class LimitReqZone(Record):
    """``limit_req_zone``: requests are counted by this key."""

    key: Annotated[Filled, arg("What is counted, such as $binary_remote_addr.")]
    zone: Annotated[SizedZone, param("The name and size of the memory, such as clients:10m.")]
    rate: Annotated[Rate, param("How many requests are let through.")]


class LimitReq(Record):
    """``limit_req``: which zone limits requests here."""

    zone: Annotated[Identifier, param("The zone's name.")]
    burst: Positive | None = param("How many requests above the rate may wait.")
    nodelay: bool = flag("Waiting requests are passed on at once.")
    delay: Count | None = param("How many waiting requests are passed on at once.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"zone": value} if isinstance(value, str) else value

    def problem(self) -> str | None:
        return "nodelay and delay exclude each other" if self.nodelay and self.delay is not None else None


class LimitConnZone(Record):
    """``limit_conn_zone``: connections are counted by this key."""

    key: Annotated[Filled, arg("What is counted, such as $binary_remote_addr.")]
    zone: Annotated[SizedZone, param("The name and size of the memory, such as clients:10m.")]


class LimitConn(Record):
    """``limit_conn``: how many connections of a zone's key there may be."""

    zone: Annotated[Identifier, arg("The zone's name.")]
    connections: Annotated[Annotated[int, Between(1, 65535)], arg("How many connections at once.")]

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"zone": value[0], "connections": value[1]} if isinstance(value, list) and len(value) == 2 else value


class AccessRule(Record):
    """``allow`` or ``deny``: the first rule that matches the client decides."""

    allow: NetworkOrAll | None = arg("Who may come in.")
    deny: NetworkOrAll | None = arg("Who may not.")

    def problem(self) -> str | None:
        return None if len(self.said()) == 1 else "a rule either allows or denies"


class FastcgiParam(Record):
    """The value of a parameter passed on by ``fastcgi_param`` or ``uwsgi_param``."""

    value: Annotated[Expression, arg("The value.")]
    if_not_empty: bool = flag("Whether the parameter is left out when empty.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"value": value} if isinstance(value, str) else value
