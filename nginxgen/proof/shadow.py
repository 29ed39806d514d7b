"""The shadow of a text: the same text, with declared words replaced so that nginx can test it here and now.

Replaced is what belongs to another machine: certificates, addresses, ports below 1024, host names, files, accounts.
Left out is what the binary at hand does not have. Both are listed, so that nobody takes them for tested.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from nginxgen.conf.facts import variable_since, variables
from nginxgen.conf.grammar import Grammar
from nginxgen.conf.target import Target
from nginxgen.conf.token import Word, quote
from nginxgen.conf.tree import Directive
from nginxgen.conf.version import Version
from nginxgen.expand.dialect import value_since
from nginxgen.model.addresses import pass_host
from nginxgen.model.text import VARIABLE, variable_name, variables_in
from nginxgen.proof.certificate import certificate_pem, crl_pem, key_pem
from nginxgen.proof.newer_words import words_newer_than
from nginxgen.proof.statements import Edit, Located, apply_edits, blanked, block_end, locate

_CERTIFICATES = re.compile(r"(?:\w+_)?ssl_(?:certificate|client_certificate|trusted_certificate)")
_KEYS = re.compile(r"(?:\w+_)?ssl_certificate_key")
_LISTS = re.compile(r"(?:\w+_)?ssl_crl")
_SECRETS = re.compile(r"ssl_session_ticket_key|quic_host_key")
_PASSWORDS = re.compile(r"(?:\w+_)?ssl_password_file")
_PASSES = frozenset({"proxy_pass", "fastcgi_pass", "uwsgi_pass", "grpc_pass", "scgi_pass", "memcached_pass"})
_TEMPORARY = re.compile(r"(?:client_body|proxy|fastcgi|uwsgi|scgi)_temp_path")
_CACHES = re.compile(r"(?:proxy|fastcgi|uwsgi|scgi)_cache_path")
_SYSLOG_HOST = re.compile(r"server=(?!unix:|\[|[0-9.]+(?:[:,]|$))[^:,]+")
_ELSEWHERE = frozenset({"include", "load_module", "ssl_engine", "ssl_dhparam", "ssl_stapling_file", "ssl_ech_file"})
"""Files of another machine for which nothing can stand in."""
_WRITES = re.compile(rb"^\s*(?:access_log|error_log|pid|lock_file|\w+_(?:temp|cache)_path|proxy_store)\s+(?!off)", re.M)
_OWN_PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_FIRST_FREE = 20000


class Shadow:
    """A text made testable in a folder of its own, for one binary."""

    def __init__(self, text: str, folder: Path, binary: Target, as_root: bool = False) -> None:
        self.folder = folder
        self.binary = binary
        self.as_root = as_root
        self.original = text
        self.replaced: dict[str, str] = {}
        """What was put in, and what it stands for."""
        self.left_out: list[tuple[int, str]] = []
        """Lines, and why what stands there was not tested."""
        self.statements = list(locate(text))
        self._taken = _ports_said(self.statements)
        self._groups = {one.args[0].lower() for one in self.statements if one.name == "upstream" and one.args}
        self._unwanted: dict[int, str] = {}
        self._addresses: dict[str, str] = {}
        self._files = 0
        self._edits: list[Edit] = []

    def text(self) -> str:
        """The shadow's text: as many lines as the original, and one behind them."""
        self._addresses, self._files, self._edits = {}, 0, []
        self.replaced, self.left_out = {}, []
        self._write_stand_ins()
        skip_to = 0
        for statement in self.statements:
            if statement.start < skip_to:
                continue
            if reason := self._missing(statement):
                skip_to = self._leave_out(statement, reason)
            else:
                self._edits += self._replacements(statement)
        self._edits += self._additions()
        return apply_edits(self.original, self._edits)

    @property
    def lacks_files(self) -> bool:
        """Whether configuration or modules of another machine were left out."""
        return any(reason.startswith(("include ", "load_module ")) for _, reason in self.left_out)

    def leave_out(self, line: int, reason: str) -> bool:
        """Leave the statement on a line out from now on; whether there is one that can be."""
        if line in self._unwanted or all(one.line != line or one.name in ("http", "events") for one in self.statements):
            return False
        self._unwanted[line] = reason
        return True

    def _leave_out(self, statement: Located, reason: str) -> int:
        end = block_end(self.original, statement) if statement.is_block else statement.end
        self._edits.append(blanked(self.original, statement.start, end))
        self.left_out.append((statement.line, reason))
        return end

    def _missing(self, statement: Located) -> str | None:
        """Why the binary cannot be asked about a statement."""
        if statement.line in self._unwanted:
            return self._unwanted[statement.line]
        if statement.context in ("map", "geo", "types", "split_clients", "charset_map"):
            return None
        if statement.name == "listen" and "quic" in statement.args and not self.binary.has("http3", "server"):
            return "QUIC, which this nginx lacks"
        if since := self._newer_value(statement):
            return f"{statement.name} {' '.join(statement.args)} is in nginx since {since}"
        directive = Directive(statement.name, statement.args, () if statement.is_block else None)
        if (fault := Grammar(self.binary).check(directive, statement.context)) and fault.kind != "foreign":
            return fault.message
        file = Path(statement.args[0]) if statement.name in _ELSEWHERE else None
        # Where nginx looks for a relative name depends on where it lies there.
        if file and not (file.is_absolute() and _is_file(file)):
            return f"{statement.name} {statement.args[0]} is not on this machine"
        if file and statement.name == "include" and _WRITES.search(file.read_bytes()):
            return f"include {file} has logs or other paths in it, which a test must not write to"
        return None

    def _newer_value(self, statement: Located) -> Version | None:
        """Since when nginx takes what a directive says, when the binary is older."""
        since = value_since(statement.name, statement.args[0]) if len(statement.args) == 1 else None
        return since if since and not self.binary.since(since) else None

    def _replacements(self, statement: Located) -> Iterator[Edit]:
        newer = words_newer_than(statement.name, statement.context, self.binary)
        for word in statement.words[1:]:
            if since := newer.get((word.value or "").partition("=")[0]):
                self.left_out.append((statement.line, f"{statement.name} … {word.value} is in nginx since {since}"))
                yield Edit(word.start, word.end, "")
        yield from self._known_variables(statement)
        if statement.name == "user":
            yield Edit(statement.start, statement.end, "")
            return
        if rule := self._rule(statement):
            for at, value in rule:
                yield self._put(statement.words[at + 1], value)

    def _known_variables(self, statement: Located) -> Iterator[Edit]:
        for word in statement.words[1:]:
            found = set(variables_in(word.value or ""))
            newer = [name for name in found if not self._has_variable(name)]
            if newer:
                self.left_out.append((statement.line, f"${' and $'.join(sorted(newer))}"))
                yield Edit(word.start, word.end, quote(_without(newer, word.value or "")))

    def _has_variable(self, name: str) -> bool:
        since = variable_since(name)
        module = variables().get(name.lower(), {}).get("module")
        return (since is None or self.binary.since(since)) and (module is None or self.binary.has_module(module))

    def _rule(self, statement: Located) -> list[tuple[int, str]]:
        """Which parameters are replaced by what."""
        name, args, context = statement.name, statement.args, statement.context
        if not args:
            return []
        if "$" in args[0] and name != "access_log":
            return []
        if name == "listen":
            return [(0, self._listen(args[0]))]
        if name == "server" and context in ("upstream", "stream upstream"):
            is_later = "resolve" in args and not words_newer_than(name, context, self.binary)
            return [] if is_later else self._at(0, args[0], self._reachable)
        if name in _PASSES:
            return self._at(0, args[0], self._pass)
        if name == "resolver":
            return [one for at, arg in enumerate(args) if "=" not in arg for one in self._at(at, arg, self._reachable)]
        if name in ("pid", "lock_file"):
            return [(0, self._own_file())]
        if name in ("error_log", "access_log"):
            return self._at(0, args[0], self._log)
        if _TEMPORARY.fullmatch(name) or _CACHES.fullmatch(name):
            return [(0, self._own_file())]
        return self._secret(name)

    def _secret(self, name: str) -> list[tuple[int, str]]:
        for pattern, file in (
            (_CERTIFICATES, "certificate.pem"),
            (_KEYS, "key.pem"),
            (_LISTS, "crl.pem"),
            (_SECRETS, "secret"),
            (_PASSWORDS, "passwords"),
        ):
            if pattern.fullmatch(name):
                return [(0, str(self.folder / file))]
        return []

    def _at(self, at: int, value: str, rule: Callable[[str], str]) -> list[tuple[int, str]]:
        made = rule(value)
        return [(at, made)] if made != value else []

    def _put(self, word: Word, value: str) -> Edit:
        self.replaced[value] = word.value or ""
        return Edit(word.start, word.end, quote(value))

    def _write_stand_ins(self) -> None:
        (self.folder / "certificate.pem").write_text(certificate_pem())
        (self.folder / "key.pem").write_text(key_pem())
        (self.folder / "crl.pem").write_text(crl_pem())
        (self.folder / "secret").write_bytes(bytes(80))
        (self.folder / "passwords").write_text("none\n")

    def _additions(self) -> Iterator[Edit]:
        """What nginx would write outside the folder unless told; on lines that are there, which keep their numbers."""
        said = {(one.name, one.context) for one in self.statements}
        main = [] if ("pid", "main") in said else [f"pid {quote(self._own_file())};"]
        main += [] if ("lock_file", "main") in said else [f"lock_file {quote(self._own_file())};"]
        main += [] if ("error_log", "main") in said else ["error_log stderr;"]
        main += ["user root;"] if self.as_root else []
        yield Edit(len(self.original), len(self.original), " ".join(main) + "\n")
        http = next((one for one in self.statements if one.name == "http" and one.context == "main"), None)
        if http is None:
            return
        inside = [] if ("access_log", "http") in said else ["access_log off;"]
        for kind in _OWN_PATHS:
            directive = f"{kind}_temp_path"
            if (directive, "http") not in said and self.binary.has(directive, "http"):
                inside.append(f"{directive} {quote(self._own_file())};")
        yield Edit(http.end, http.end, " " + " ".join(inside))

    def _own_file(self) -> str:
        self._files += 1
        return str(self.folder / f"file{self._files}")

    def _log(self, target: str) -> str:
        if target in ("off", "stderr") or target.startswith("memory:"):
            return target
        if target.startswith("syslog:"):
            return _SYSLOG_HOST.sub("server=127.0.0.1", target)
        return self._own_file() + "".join(found[0] for found in VARIABLE.finditer(target))

    def _reachable(self, address: str) -> str:
        """An address that needs no name server."""
        if address.startswith(("unix:", "[")) or re.match(r"[0-9.]+(?::[0-9]+)?$", address):
            return address
        _, colon, port = address.partition(":")
        return f"127.0.0.1{colon}{port}"

    def _pass(self, url: str) -> str:
        host = pass_host(url)
        # A group keeps its name also before a port, which nginx refuses there.
        is_group = host is not None and not self._groups.isdisjoint({host.lower(), host.lower().partition(":")[0]})
        if host is None or is_group or "$" in url.split("://")[-1].split("/")[0]:
            return url
        reachable = self._reachable(host)
        return url.replace(host, reachable, 1) if reachable != host else url

    def _listen(self, address: str) -> str:
        """An address that this machine has, with a port that needs no privilege; the same for the same."""
        if address not in self._addresses:
            self._addresses[address] = self._own_address(address)
        return self._addresses[address]

    def _own_address(self, address: str) -> str:
        if address.startswith("unix:"):
            return f"unix:{self._own_file()}"
        if re.fullmatch("[0-9-]+", address):
            return self._unprivileged(address)
        host, _, port = address.rpartition(":") if re.search(r":[0-9-]+$", address) else (address, "", "80")
        port = self._unprivileged(port)
        number = len(self._addresses) + 1
        if host == "*" or host.startswith("127.") or host == "0.0.0.0":
            return f"{host}:{port}"
        if host.startswith("[") and _has_ipv6():
            return f"{host}:{port}" if host in ("[::]", "[::1]") else f"[::1]:{_FIRST_FREE + 10000 + number}"
        return f"127.1.{number // 256}.{number % 256}:{port}"

    def _unprivileged(self, ports: str) -> str:
        """Ports from 1024 on stay as they are; those below move together to where the file says none."""
        low, _, high = ports.partition("-")
        if int(low) >= 1024:
            return ports
        shift = next(
            shift
            for shift in range(_FIRST_FREE, 65536 - 2048, 1024)
            if not any(shift <= port < shift + 1024 for port in self._taken)
        )
        return "-".join(str(int(one) + shift) for one in (low, high) if one)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long
        return False


def _ports_said(statements: list[Located]) -> set[int]:
    """The ports from 1024 on that a text listens on."""
    said: set[int] = set()
    for one in statements:
        if one.name == "listen" and (
            found := re.search(r"(?:^|:)([0-9]+)(?:-([0-9]+))?$", one.args[0] if one.args else "")
        ):
            said.update(range(max(int(found[1]), 1024), int(found[2] or found[1]) + 1))
    return said


def _without(names: list[str], expression: str) -> str:
    return VARIABLE.sub(lambda one: "" if variable_name(one) in names else one[0], expression)


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
