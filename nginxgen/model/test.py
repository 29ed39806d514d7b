"""Requests that are tried on a real nginx, and what must come of them: nothing of it reaches nginx.conf.

``backend`` is what stand-ins answer in the place of the backends. What is *passed* is what nginx passes to them, and a
*response* is what the client gets. Knows the words; `rehearsal` acts on them.
"""

import re
from typing import Annotated, Any, NamedTuple

from nginxgen.model import text
from nginxgen.model.addresses import network
from nginxgen.model.block import Block, intent
from nginxgen.model.kind import Between, Kind, NotValid
from nginxgen.model.record import Record
from nginxgen.model.values import (
    Count,
    Duration,
    HeaderName,
    ListenAddress,
    Literally,
    Positive,
    ServerAddress,
)

NONE = "off"
"""What ``upstream = false`` is kept as: no backend is asked."""
MOST_TIMES = 1000


class Asked(NamedTuple):
    """A request line, taken apart."""

    method: str
    scheme: str
    host: str
    """As Host has it, without the port; an IPv6 address stands in brackets."""
    port: int
    uri: str

    @property
    def authority(self) -> str:
        """What a client writes into Host: the port stands there when it is not the scheme's own."""
        own = {"http": 80, "https": 443}[self.scheme]
        return self.host if self.port == own else f"{self.host}:{self.port}"


def asked(request: str) -> Asked:
    """``POST https://shop.example.org/cart/1`` taken apart; GET when no method stands before it.

    Raises:
        NotValid: when it is no such thing.
    """
    found = re.fullmatch(r"(?:([A-Z][A-Z-]*) )?(https?)://(\[[0-9a-fA-F:.]+\]|[^\s/:?#\[\]@]+)(?::(\d+))?(.*)", request)
    if found is None:
        raise NotValid(
            f"{request!r} is no request", 'write "https://host/path", with POST and a blank before it or not'
        )
    uri = found[5] or "/"
    if re.search(r"[\s\x00-\x1f]", uri) or not uri.isascii():
        raise NotValid("a URL holds no blanks and nothing but ASCII", "write %20 for a blank, and %C3%BC for ü")
    if "#" in uri:
        raise NotValid("what stands behind # is never sent")
    port = int(found[4] or {"http": 80, "https": 443}[found[2]])
    if not 0 < port < 65536:
        raise NotValid(f"{port} is no port")
    return Asked(found[1] or "GET", found[2], found[3], port, uri if uri.startswith("/") else f"/{uri}")


def matches(expected: str, actual: str) -> bool:
    """Whether a text is the one expected, or holds a match of the regular expression behind ``~`` or ``~*``."""
    if pattern := _pattern(expected):
        return pattern.search(actual) is not None
    return expected == actual


def _pattern(value: str) -> re.Pattern[str] | None:
    modifier, blank, rest = value.partition(" ")
    if not blank or modifier not in ("~", "~*"):
        return None
    return re.compile(rest, re.IGNORECASE if modifier == "~*" else 0)


def _request(value: str) -> str:
    asked(value)
    return value


def _passed_request(value: str) -> str:
    line = re.fullmatch(r"(?:[A-Z][A-Z-]* )?/\S*", value)
    if not line and _expected(value) == value and not _is_regex(value):
        raise NotValid(f"{value!r} is no request line", 'write "/path?arguments", with a method before it or not')
    return value


def _is_regex(value: str) -> bool:
    return value.startswith(("~ ", "~* "))


def _expected(value: str) -> str:
    try:
        _pattern(value)
    except re.error as problem:
        raise NotValid(f"the regular expression is wrong: {problem}") from None
    return value


def _group(value: str) -> str:
    if value == "on":
        raise NotValid("true names no group", "write the group's name, or false when no backend may be asked")
    return value if value == NONE else str(text.word(value))


def _status(value: str) -> str:
    if not re.fullmatch("[1-5][0-9]{2}", value):
        raise NotValid(f"{value!r} is no status")
    return value


def _client(value: str) -> str:
    if value == "unix:" or "/" in value:
        raise NotValid(f"{value!r} is no client's address", "write 203.0.113.9 or 2001:db8::9")
    return network(value)


def _file(value: str) -> str:
    if value.endswith("/") or ".." in value.split("/"):
        raise NotValid(f"{value!r} names no file")
    return text.file_path(value)


Request = Annotated[str, Kind("a request", _request, "redirect_url")]
PassedRequest = Annotated[str, Kind("a request line", _passed_request, "redirect_url")]
Expectation = Annotated[str, Kind("a text", _expected, "header_value", multiline=True, elsewhere=True)]
Group = Annotated[str, Kind("a group's name", _group, "upstream_name", flags=True)]
Status = Annotated[int, Between(100, 599)]
StatusName = Annotated[str, Kind("a status", _status, "integer")]
Times = Annotated[int, Between(1, MOST_TIMES)]
ClientAddress = Annotated[str, Kind("a client's address", _client, "cidr")]
Content = Annotated[str, Kind("a text", text.any_text, "header_value", multiline=True, elsewhere=True)]
TestFile = Annotated[str, Kind("a file", _file, "file_path")]


class Expected(Record):
    """What is expected of a header: a text, a regular expression behind ``~`` or ``~*``, or that it is absent."""

    text: Expectation | None = intent('The text, or a regular expression: "~ ^https".')
    absent: bool = intent("Whether it must not be there.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        if value is False:
            return {"absent": True}
        return {"text": value} if isinstance(value, str) else value

    def __bool__(self) -> bool:
        return True

    def problem(self) -> str | None:
        return None if self.absent != (self.text is not None) else "a header is expected with a text, or absent"


class BackendAnswer(Record):
    """What a stand-in answers; 200 with its name unless said."""

    status: Status | None = intent("The status; 200 unless said.")
    headers: dict[HeaderName, Literally] = intent("Headers of the answer.")
    body: Content | None = intent("What is sent behind them.")
    delay: Duration | None = intent("For how long it waits before it answers.")
    close: bool = intent("Whether it closes the connection instead, as a backend that has died.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        if value is False:
            return {"close": True}
        return {"status": value} if isinstance(value, int) and not isinstance(value, bool) else value

    def __bool__(self) -> bool:
        return True


class Test(Block):
    """A request, and what must come of it."""

    __test__ = False  # for pytest, which takes every class of that name for tests of its own

    name: Literally | None = intent("What it is called in messages; its request unless said.")
    request: Annotated[Request, intent('A URL, with a method before it or not: "POST https://shop.example.org/cart".')]
    headers: dict[HeaderName, Literally] = intent("Headers that the client sends; Host is the URL's unless said.")
    body: Content | None = intent("What the client sends behind them.")
    from_: ClientAddress | None = intent("The client's address; one of its own, of the loopback network, unless said.")
    http2: bool = intent("Whether the client speaks HTTP/2; it does wherever the listener speaks nothing else.")
    listen: ListenAddress | None = intent(
        "The listener that is asked, as a server has it; found by the URL unless said."
    )
    times: Times | None = intent("How often the request is sent, one after the other; once unless said.")
    at_once: bool = intent("Whether all of them are sent at the same time.")
    cookies: bool = intent("Whether the client keeps cookies from one request to the next.")
    backend: tuple[BackendAnswer, ...] = intent(
        "What the backends answer, a request after the other; then as the last."
    )
    files: dict[TestFile, Content] = intent(
        "Files that stand in for those of root, alias and passwords, for all tests."
    )

    status: Status | None = intent("The status of every answer; 444 when the connection is closed without one.")
    statuses: dict[StatusName, Count] = intent("How many of the answers have which status.")
    redirect: Expectation | None = intent("Where Location leads.")
    response_headers: dict[HeaderName, Expected] = intent("Headers as the client gets them; false: absent.")
    response_body: Expectation | None = intent('The body as the client gets it; "~ word" finds a word in it.')
    upstream: Group | None = intent("The group that is asked; false when no backend may be.")
    server: ServerAddress | None = intent("The backend that is asked.")
    passed_request: PassedRequest | None = intent("The request line as the backend gets it: /path, or POST /path.")
    passed_headers: dict[HeaderName, Expected] = intent("Headers as the backend gets them; false: absent.")
    passed_params: dict[HeaderName, Expected] = intent("Parameters as a FastCGI or uwsgi backend gets them.")
    passed_body: Expectation | None = intent("The body as the backend gets it.")
    backend_requests: Count | None = intent(
        "How many requests reach backends in all: fewer with a cache, more if retried."
    )
    different_servers: Positive | None = intent("How many different backends are asked.")

    @property
    def asked(self) -> Asked:
        """The request, taken apart."""
        return asked(self.request)

    @property
    def title(self) -> str:
        """What it is called in messages."""
        return self.name or self.request

    def problem(self) -> str | None:
        if not self.said().keys() & set(EXPECTATIONS):
            return "nothing is expected; write status, upstream, passed_headers or another outcome"
        if (self.at_once or self.cookies) and (self.times or 1) == 1:
            return f"{'at_once' if self.at_once else 'cookies'} is about several requests; write times"
        if self.at_once and self.cookies:
            return "a client that sends everything at once has no cookies to keep"
        if self.different_servers and self.different_servers > 1 and not self.times:
            return "one request reaches one server; write times"
        if self.statuses and self.status:
            return "status is about every answer, statuses about some; write one of them"
        if self.statuses and sum(self.statuses.values()) != (self.times or 1):
            return f"the statuses are those of {sum(self.statuses.values())} answers, and times is {self.times or 1}"
        if self.upstream == NONE and any(self.said().get(one) for one in _OF_BACKENDS):
            return "no backend is asked, so nothing is passed to one"
        return None


_OF_BACKENDS = ("server", "passed_request", "passed_headers", "passed_params", "passed_body", "different_servers")
EXPECTATIONS = (
    "status",
    "statuses",
    "redirect",
    "response_headers",
    "response_body",
    "upstream",
    "backend_requests",
    *_OF_BACKENDS,
)
"""The keys that say what must come of a request; a test has one of them at least."""
