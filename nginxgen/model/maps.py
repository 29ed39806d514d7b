"""Variables that a file makes: from other variables, from addresses, by chance."""

import re
from typing import Annotated, Any

from nginxgen.model.addresses import network
from nginxgen.model.block import Block, arg, directive, intent
from nginxgen.model.kind import Kind, NotValid
from nginxgen.model.record import Record
from nginxgen.model.values import Expression, Filled, Literally, MapKey, Variable


def _geo_network(value: str) -> str:
    if value == "unix:":
        raise NotValid("a geo block knows addresses only")
    return network(value)


def _share(value: str) -> str:
    if not re.fullmatch(r"\*|(?:100|[1-9]?[0-9])(?:\.[0-9]{1,2})?%", value):
        raise NotValid(f"{value!r} is no share", "write 20%, 0.5% or, for the rest, *")
    return value


GeoNetwork = Annotated[str, Kind("a network", _geo_network, "cidr")]
Share = Annotated[str, Kind("a share", _share, "size")]


class Entry(Record):
    """One line of a block of entries."""

    key: Annotated[str, arg("The text that the entry is for.")]
    value: Annotated[str, arg("What the variable becomes.")]

    @classmethod
    def from_table(cls, table: dict[str, Any]) -> list[Any]:
        if set(table) == {"key", "value"}:
            return [table]
        return [{"key": key, "value": value} for key, value in table.items()]


class MapEntry(Entry):
    """What the source of a map may be, and what the variable then is."""

    key: Annotated[MapKey, arg("A text, ~regex or, with hostnames, a name such as *.example.org.")]
    value: Annotated[Expression, arg("What the variable becomes.")]


class GeoEntry(Entry):
    """A network, and what the variable is for its addresses."""

    key: Annotated[GeoNetwork, arg("A network.")]
    value: Annotated[Literally, arg("What the variable becomes.")]


class ShareEntry(Entry):
    """A share of all keys, and what the variable is for them."""

    key: Annotated[Share, arg("A share, or * for the rest.")]
    value: Annotated[Literally, arg("What the variable becomes.")]


class Map(Block):
    """``map``: a variable that depends on another."""

    source: Annotated[Filled, arg("What is looked at, such as $http_upgrade.")]
    variable: Annotated[Variable, arg("The variable that is made.")]
    default: Expression | None = directive("What the variable is when no entry fits.", placed=True)
    hostnames: bool = directive("Whether keys may be host names with a wildcard.", bare=True)
    volatile: bool = directive("Whether the variable is worked out anew each time.", bare=True)
    entries: tuple[MapEntry, ...] = intent("What the source may be, and what the variable then is.")

    def problem(self) -> str | None:
        seen: dict[str, str] = {}
        for entry in self.entries:
            folded = entry.key if entry.key.startswith("~") else entry.key.lower()
            if folded in seen:
                return f"the keys {seen[folded]!r} and {entry.key!r} are one to nginx, which does not tell case apart"
            seen[folded] = entry.key
        return None


class Geo(Block):
    """``geo``: a variable that depends on the client's address."""

    source: Variable | None = arg("The variable with the address; the client's own, unless said.")
    variable: Annotated[Variable, arg("The variable that is made.")]
    default: Literally | None = directive("What the variable is for every other address.", placed=True)
    entries: tuple[GeoEntry, ...] = intent("Networks, and what the variable is for them.")


class SplitClients(Block):
    """``split_clients``: a variable that divides requests by a key."""

    source: Annotated[Filled, arg("What decides, such as $remote_addr.")]
    variable: Annotated[Variable, arg("The variable that is made.")]
    entries: tuple[ShareEntry, ...] = intent("Shares, and what the variable is for them.")
