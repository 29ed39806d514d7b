"""What a word of a directive looks like: judges, which say what is wrong with it.

Each as nginx's own source reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches

from nginxgen.lint.addresses import fault_of_address, fault_of_network
from nginxgen.lint.sizes import in_bytes

Judge = Callable[[str], str | None]
"""Says what is wrong with a word; None when nothing is."""
_SMALLEST = 8 * 4096
_FACILITIES = "kern|user|mail|daemon|auth|intern|lpr|news|uucp|clock|authpriv|ftp|ntp|audit|alert|cron|local[0-7]"
_SYSLOG: Mapping[str, str | None] = {
    "server": None,
    "facility": _FACILITIES,
    "severity": "debug|info|notice|warn|error|crit|alert|emerg",
    "tag": "[A-Za-z0-9_]{1,32}",
    "nohostname": "",
}


def one_of(*words: str, any_case: bool = False) -> Judge:
    """Judges a word that is one of some."""
    known = [one.lower() for one in words] if any_case else words

    def judge(word: str) -> str | None:
        if (word.lower() if any_case else word) in known:
            return None
        close = get_close_matches(word, words, n=1)
        return f"{word} is none of {', '.join(words)}{f'; did you mean {close[0]}?' if close else ''}"

    return judge


def like(pattern: str, what: str) -> Judge:
    """Judges a word by a pattern; ``what`` it is then none of."""
    made = re.compile(pattern)
    return lambda word: None if made.fullmatch(word) else f"{word or 'nothing'} is no {what}"


def address(word: str) -> str | None:
    """Of a server in a group."""
    return _told(word, fault_of_address(word))


def listener(word: str) -> str | None:
    """Of ``listen``: a port, several, or an address."""
    if re.fullmatch("[0-9]+(?:-[0-9]+)?", word):
        first, _, last = word.partition("-")
        return f"the ports {word} end before they begin" if last and int(last) < int(first) else None
    return _told(word, fault_of_address(word, with_range=True))


def network(word: str) -> str | None:
    """Of ``allow`` and ``deny``."""
    return None if word in ("all", "unix:") else _told(word, fault_of_network(word))


def trusted_network(word: str) -> str | None:
    """Of ``set_real_ip_from``, which takes names too."""
    is_number = re.search(r"/|^[0-9.]+$|^\[", word)
    return network(word) if is_number else None  # anything else may be a host's name


def resolver(word: str) -> str | None:
    """Of ``resolver``: an address, or one of its parameters."""
    name, is_parameter, _ = word.partition("=")
    if is_parameter:
        return None if name in ("valid", "ipv4", "ipv6") else f"it has no parameter {name}"
    fault = fault_of_address(word)
    port = re.search(r"(?<=[^:]):([0-9]+)$", word)
    return _told(word, fault) or (f"{word}: {port[1]} is no port" if port and int(port[1]) > 65535 else None)


def large_enough(word: str) -> str | None:
    """A zone of shared memory has room for eight pages at least (ngx_shared_memory_add's callers)."""
    size = re.fullmatch(r"(?:.*:)?([0-9]+[kKmM]?)", word)
    return f"{word} is less than 32k" if size and in_bytes(size[1]) < _SMALLEST else None


def pass_of(*schemes: str, bare: bool) -> Judge:
    """Judges where requests are passed on to; ``bare``: also without a scheme, and never with a path."""

    def judge(word: str) -> str | None:
        scheme, slashes, rest = word.partition("://")
        if not slashes:
            rest = word
            if not bare:
                return f"{word} does not begin with {' or '.join(f'{one}://' for one in schemes)}"
        elif scheme not in schemes:
            meant = f"; it begins with {' or '.join(f'{one}://' for one in schemes)}" if schemes else ""
            return f"{scheme}:// is nothing that it speaks{meant}"
        if rest.startswith("unix:"):
            return None if rest != "unix:" else f"{word}: there is no path of a socket"
        if bare and "/" in rest:
            return f"{word}: it has a path, and none can be passed on"
        if bare and re.fullmatch(r"[0-9.]+|\[.*\]", rest):
            return f"{word}: there is no port"  # a name without one may be that of a group
        return _told(word, fault_of_address(re.split("[/?]", rest, maxsplit=1)[0]) if rest else "there is no host")

    return judge


def with_port(word: str) -> str | None:
    """A backend of stream."""
    if word.startswith("unix:"):
        return None
    if "://" in word:
        return f"{word}: stream has no schemes"
    return _told(word, fault_of_address(word) or (None if re.search(r":[0-9]+$", word) else "there is no port"))


def with_port_or_group(word: str) -> str | None:
    """Of ``proxy_pass`` in stream."""
    is_bare = "://" not in word and re.fullmatch(r"[0-9.]+|\[.*\]", word) is None
    return None if is_bare else with_port(word)  # a name may be that of a group


def log_target(word: str) -> str | None:
    """Where a log goes, when that is syslog (ngx_syslog_parse_args) or memory."""
    if word.startswith("memory:"):
        return None if re.fullmatch("memory:[0-9]+[kKmM]?", word) else f"{word} has no size"
    if not word.startswith("syslog:"):
        return None
    parts = [one.partition("=") for one in word.removeprefix("syslog:").split(",")]
    for name, _, value in parts:
        if name not in _SYSLOG:
            return f"syslog has no parameter {name}"
        known = _SYSLOG[name]
        if known is not None and not re.fullmatch(known, value):
            return f"syslog knows no {name} {value}"
    return None if any(name == "server" for name, _, _ in parts) else f"{word} names no server"


def small_number(word: str) -> str | None:
    """Of what nginx keeps in two bytes."""
    return f"{word} is more than 65535" if int(word) > 65535 else None


def time_of_day(word: str) -> str | None:
    """Of ``expires``, when it is a time of the day."""
    found = re.match(r"@([0-9]+)h", word)
    return f"{word} is no time of a day" if found and int(found[1]) > 24 else None


def source_address(word: str) -> str | None:
    """An address of this machine, with a port or without; names are not looked up."""
    host = word.rpartition(":")[0] if re.fullmatch(r"[^:]+:[0-9]+|\[.*\]:[0-9]+", word) else word
    if "/" in host:
        return f"{word} is a network"
    return None if word == "off" else _told(word, fault_of_network(host.strip("[]")))


def _told(word: str, fault: str | None) -> str | None:
    return None if fault is None else f"{word}: {fault}"


def two_captures(word: str) -> str | None:
    """Of ``fastcgi_split_path_info``."""
    try:
        count = re.compile(word).groups
    except re.error:
        return None
    return None if count >= 2 else f"{word} has {count} of the two captures"
