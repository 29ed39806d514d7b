"""Groups of backends: their servers, how one is chosen, and what is kept between requests."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from nginxgen.conf.tree import Directive
from nginxgen.conf.version import Version
from nginxgen.model.block import arg, directive, flag, intent, param
from nginxgen.model.hatch import Open
from nginxgen.model.kind import Kind, NotValid
from nginxgen.model.record import Choice, Record
from nginxgen.model.records import Resolver, SizedZone
from nginxgen.model.text import seconds, word
from nginxgen.model.values import (
    Count,
    Duration,
    Filled,
    Identifier,
    Positive,
    SameSite,
    Seconds,
    ServerAddress,
    Size,
    Variable,
    Word,
)
from nginxgen.model.workers import Probe, Workers


def _route(value: str) -> str:
    if len(word(value)) > 32:
        raise NotValid("a route has at most 32 characters")
    return value


Route = Annotated[str, Kind("a route", _route, "server_param")]


class UpstreamServer(Record):
    """``server`` in a group: one backend."""

    address: Annotated[ServerAddress, arg("Where it is: an address, a name or a socket file.")]
    weight: Positive | None = param("The server's share of the requests, against the others'.")
    max_conns: Count | None = param("How many connections it takes at once.")
    max_fails: Count | None = param("After how many failures it is left alone; 0 never.")
    fail_timeout: Seconds | None = param("In which time failures count, and for how long it is then left alone.")
    backup: bool = flag("Whether it is asked only when the others are gone.")
    down: bool = flag("Whether it is left out.")
    resolve: bool = flag("Whether its name is resolved again at run time.", since=Version(1, 27, 3))
    service: Word | None = param("The name of its SRV records.", since=Version(1, 27, 3))
    route: Route | None = param("Its name in a sticky session.", since=Version(1, 29, 6))
    drain: bool = flag("Whether only sessions bound to it reach it.", since=Version(1, 29, 6))

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"address": value} if isinstance(value, str) else value

    def problem(self) -> str | None:
        if self.service and not self.resolve:
            return "service needs resolve = true"
        if self.resolve and self.address.startswith("unix:"):
            return "a socket file has no name to resolve"
        return None


class Balance(Choice):
    """How the server for a request is chosen."""


class RoundRobin(Balance, tag="round_robin"):
    """One after the other, by weight: nginx's default."""


class LeastConn(Balance, tag="least_conn"):
    """The one with the fewest connections."""


class IpHash(Balance, tag="ip_hash"):
    """The same one for the same client network."""


class Hash(Balance, tag="hash"):
    """The same one for the same key."""

    key: Annotated[Filled, arg("What decides, such as $request_uri.")]
    consistent: bool = flag("Whether few keys move when the group changes (ketama).")


class Random(Balance, tag="random"):
    """Any one, or the less busy of two."""

    two: bool = flag("Whether two are drawn and the better one taken.")
    by: Literal["least_conn"] | None = arg("Which of two is the better one.")

    @classmethod
    def from_other_words(cls, words: list[str]) -> dict[str, Any] | None:
        match words:
            case []:
                return {}
            case ["two"]:
                return {"two": True}
            case ["two", by]:
                return {"two": True, "by": by}
        return None

    def problem(self) -> str | None:
        return "by needs two = true" if self.by and not self.two else None


class LeastTime(Balance, tag="least_time"):
    """The one that answers soonest and has the fewest connections."""

    measure: Annotated[Literal["header", "last_byte"], arg("Up to where the answer is timed.")]
    inflight: bool = flag("Whether requests that are still running count.")


WITHOUT_BACKUP = (Hash, IpHash, Random)
"""The methods that nginx refuses backups beside."""


class BalanceCodec:
    """The method is a directive of its own name; round robin is none."""

    names = tuple(tag for tag in Balance.choices if tag != "round_robin")

    def write(self, value: Balance) -> Iterator[Directive]:
        if value.tag != "round_robin":
            yield Directive(value.tag, tuple(value.words()))

    def read(self, data: dict[str, Any], name: str, args: Sequence[str]) -> bool:
        if "balance" in data or (table := Balance.from_words([name, *args])) is None:
            return False
        data["balance"] = table
        return True


def _cookie_lifetime(value: str) -> str:
    return value if value == "max" else seconds(value)


CookieLifetime = Annotated[str, Kind("a time", _cookie_lifetime, "duration", numbers=True)]


class Sticky(Choice):
    """How a client comes back to the server it had."""

    def words(self) -> list[str]:
        return [self.tag, *super().words()]


class StickyCookie(Sticky, tag="cookie"):
    """By a cookie that nginx sets."""

    name: Annotated[Identifier, arg("The cookie.")]
    expires: CookieLifetime | None = param("For how long the browser keeps the cookie.")
    domain: Filled | None = param("The cookie's domain.")
    httponly: bool = flag("Whether scripts cannot see the cookie.")
    samesite: SameSite | None = param("strict, lax or none.")
    secure: bool = flag("Whether the cookie is sent over TLS only.")
    path: Filled | None = param("The cookie's path.")


class StickyRoute(Sticky, tag="route"):
    """By a variable that holds a server's route."""

    variables: Annotated[tuple[Variable, ...], arg("The variables; the first that is not empty counts.")]


class StickyLearn(Sticky, tag="learn"):
    """By what the backend said."""

    create: Annotated[tuple[Variable, ...], param("A variable that tells of a new session.")]
    lookup: Annotated[tuple[Variable, ...], param("A variable that names an existing session.")]
    zone: Annotated[SizedZone, param("The name and size of the memory, such as sessions:1m.")]
    timeout: Seconds | None = param("For how long an idle session is kept.")
    header: bool = flag("Whether the session is learnt as soon as the header is there.")


class Zone(Record):
    """``zone``: memory in which nginx's workers share what they know of a group."""

    name: Identifier | None = arg("The memory's name; the group's, unless said.")
    size: Size | None = arg("Its size, from the number of servers unless said; 0 (or false for the zone) is none.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        if isinstance(value, bool):
            return {} if value else {"size": "0"}
        return {"size": value} if isinstance(value, str) else value

    def __bool__(self) -> bool:
        return True


class Keepalive(Record):
    """``keepalive``: idle connections that each worker keeps to the group."""

    connections: Annotated[Count, arg("How many; 0 keeps none.")]
    local: bool = flag("Whether each location keeps connections of its own.", since=Version(1, 29, 7))

    @classmethod
    def from_short(cls, value: Any) -> Any:
        if value is False:
            return {"connections": 0}
        return {"connections": value} if isinstance(value, int) and value is not True else value


class Upstream(Open):
    """A group of backends."""

    zone: Zone | None = directive("Memory shared by the workers; sized from the servers unless said.", placed=True)
    balance: Balance | None = directive("How the server for a request is chosen.", placed=True, codec=BalanceCodec())
    sticky: Sticky | None = directive("How a client comes back to its server.", placed=True)
    servers: tuple[UpstreamServer, ...] = directive("The backends.", name="server", placed=True)
    keepalive: Keepalive | None = directive("Idle connections kept to the group.", placed=True)
    keepalive_requests: Positive | None = directive("Requests after which a kept connection is closed.")
    keepalive_time: Duration | None = directive("Time after which a kept connection is closed.")
    keepalive_timeout: Duration | None = directive("Time after which an idle connection is closed.")
    resolver: Resolver | None = directive("The name servers for servers that resolve.")
    resolver_timeout: Duration | None = directive("For how long name servers are waited for.")
    workers: Workers | None = intent("Backends that nginxgen up starts itself.")
    health: Probe | None = intent("How nginxgen up asks the servers whether they work; those that do not are down.")
