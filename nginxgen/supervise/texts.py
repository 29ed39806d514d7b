"""From the files of a cluster to what an nginx gets: read, judged, rendered for one binary.

Takes long, as reloading goes, so that it is done in a thread beside the supervisor; hence it changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from nginxgen.conf.target import Target
from nginxgen.diagnostic import Diagnostic, Severity, has_errors
from nginxgen.errors import ConfigError
from nginxgen.loading import Loaded, read_files
from nginxgen.model.cluster import Cluster
from nginxgen.model.upstream import Upstream, UpstreamServer
from nginxgen.proof.asking import as_finding, ask_nginx
from nginxgen.proof.binary import NginxBinary
from nginxgen.proof.messages import Text, find_line, in_original_words, read_messages
from nginxgen.proof.statements import locate
from nginxgen.proven import Rendered, render
from nginxgen.source import Path as Place
from nginxgen.supervise.arrangement import Arrangement, generation
from nginxgen.supervise.files import Stamp, stamps
from nginxgen.supervise.listeners import Address, addresses_of, held_addresses
from nginxgen.supervise.needs import find_lacking


class Generation(NamedTuple):
    """A text on its way into nginx: what it says, on which sockets, for which binary, and what tells it from others."""

    text: str
    told: str
    """What its socket answers."""
    addresses: list[Address]
    binary: NginxBinary
    files: list[Stamp]
    """The certificates and other files that nginx reads with the text, as they are now."""
    rendered: Rendered

    def refused(self, said: str, file: Path) -> list[Diagnostic]:
        """What nginx says of the text in a file, at the places of the cluster that it is about."""
        text = Text(str(file), list(locate(self.text)), {})
        found = (
            as_finding(one, in_original_words(one, text), find_line(one, text), self.rendered, self.binary)
            for one in read_messages(said)
        )
        return list({one.message: one for one in found}.values())

    def listens(self, address: Address) -> Place:
        """The place of the cluster that says an address."""
        explicit = self.rendered.expanded.cluster
        for at, server in enumerate(explicit.server):
            for number, listen in enumerate(server.listen):
                if address in addresses_of(listen.socket):
                    return self.rendered.expanded.origin(("server", at, "listen", number))
        return ()

    def is_same(self, other: Generation) -> bool:
        """Whether an nginx that serves the one has nothing to do for the other."""
        return (self.text, self.binary.stamp, self.files) == (other.text, other.binary.stamp, other.files)


class Texts:
    """The way from files to texts, for one run."""

    def __init__(self, files: Sequence[str], arrangement: Arrangement) -> None:
        self.files = list(files)
        self.arrangement = arrangement

    def judge(self, binary: NginxBinary) -> tuple[Loaded, list[Diagnostic], list[Address]]:
        """The files, when they are right, what there is to warn of, and where they listen.

        Workers that do not run yet have stand-ins; nginx is asked too.

        Raises:
            ConfigError: when they are wrong.
            Unavailable: when that cannot be found out.
        """
        loaded = read_files(self.files)
        lacking = [] if loaded.salvage else find_lacking(loaded.cluster, self.arrangement.base)
        stand_ins = {name: _standing_in(one) for name, one in loaded.cluster.upstream.items()}
        try:
            rendered = self._rendered(loaded, loaded.cluster.but(upstream=stand_ins), binary, 0)
        except ConfigError as problem:
            raise ConfigError([*problem.diagnostics, *lacking], loaded.sources) from None
        if has_errors(lacking):
            raise ConfigError(lacking, loaded.sources)
        verdict = ask_nginx(rendered, binary)
        if has_errors(verdict.diagnostics):
            raise ConfigError(list(verdict.diagnostics), loaded.sources)
        said = (*lacking, *rendered.diagnostics, *verdict.diagnostics)
        warnings = [one for one in said if one.severity is Severity.WARNING]
        return loaded, warnings, held_addresses(rendered.expanded.cluster)

    def generation(self, loaded: Loaded, upstream: dict[str, Upstream], binary: NginxBinary, number: int) -> Generation:
        """What the main process of that number gets, with these servers.

        Raises:
            ConfigError: when it cannot be said.
        """
        rendered = self._rendered(loaded, loaded.cluster.but(upstream=upstream), binary, number)
        explicit = rendered.expanded.cluster
        told = generation(explicit.but(server=explicit.server[:-1]))
        return Generation(rendered.text, told, held_addresses(explicit), binary, stamps(rendered.tree), rendered)

    def _rendered(self, loaded: Loaded, cluster: Cluster, binary: NginxBinary, number: int) -> Rendered:
        target: Target | None = None if cluster.nginx.target else binary.target
        return render(
            Loaded(cluster, loaded.sources, loaded.problems, loaded.salvage),
            target,
            arrange=lambda explicit: self.arrangement.arrange(explicit, number, binary.target),
        )


def _standing_in(upstream: Upstream) -> Upstream:
    if upstream.workers is None:
        return upstream.but(health=None)
    one = UpstreamServer.trusted({"address": "127.0.0.1:1"})
    return upstream.but(servers=(one, *upstream.servers), workers=None, health=None)
