"""Who is let in on a level: by address, by password, by certificate, or by what another server says.

Knows nginx's own guards and the names of common modules' ones; whoever is on the list is not judged here.
"""

from __future__ import annotations

from nginxgen.foreign import Node

ADDRESSES = ("allow", "deny")
_ASKING = (
    "auth_basic",
    "auth_request",
    "auth_jwt",
    "auth_digest",
    "auth_pam",
    "auth_ldap",
    "auth_gss",
    "valid_referers",
)
_OTHERS = ("internal", "secure_link", "access_by_lua_block", "access_by_lua_file", "access_by_lua", "js_access")
GUARDS = (*ADDRESSES, *_ASKING, *_OTHERS)
"""Directives that keep somebody out."""


def address_rules(level: Node) -> list[Node]:
    """The allow and deny that hold in a block, in order; nginx inherits both together or neither."""
    for one in level.levels():
        if found := own_address_rules(one):
            return found
    return []


def own_address_rules(level: Node) -> list[Node]:
    """The allow and deny that a block itself says, in order."""
    return [one for one in level.children or () if one.name in ADDRESSES and one.args]


def guards(level: Node) -> list[Node]:
    """Everything that keeps somebody out of a block, said there or around it."""
    found = address_rules(level)
    for name in (*_ASKING, *_OTHERS):
        found += [one for one in level.effective(name) if one.args[:1] != ("off",)]
    asked = level.effective("ssl_verify_client")
    return found + [one for one in asked if one.args[:1] == ("on",)] + _conditions(level)


def own_guards(level: Node) -> list[Node]:
    """Everything that a block itself says to keep somebody out."""
    return [one for one in level.children or () if one.name in GUARDS and one.args[:1] != ("off",)]


def is_open(level: Node) -> bool:
    """Whether all that is known of a block says that nobody is kept out of it."""
    return not guards(level) and all(one.is_whole for one in level.levels())


def _conditions(level: Node) -> list[Node]:
    """The if that answer some requests with a refusal."""
    return [one for around in level.levels() for one in around.all("if") if any(map(_refuses, one.children or ()))]


def _refuses(node: Node) -> bool:
    return node.name == "return" and node.args[:1] in (("401",), ("403",), ("404",), ("444",), ("405",), ("410",))
