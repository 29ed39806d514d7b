"""What can be known before a file is installed: what the real nginx says of it in its place, and what is taken."""

from __future__ import annotations

from pathlib import Path

from nginxgen.apply.install import Folder
from nginxgen.apply.listeners import addresses_of
from nginxgen.apply.running import Instance
from nginxgen.diagnostic import Diagnostic, error
from nginxgen.errors import NotApplied, Unavailable
from nginxgen.live.sockets import Address, why_not
from nginxgen.proof.asking import as_finding
from nginxgen.proof.binary import run
from nginxgen.proof.messages import Text, find_line, in_original_words, read_messages
from nginxgen.proof.statements import locate
from nginxgen.proven import Rendered
from nginxgen.report import in_order

_TIMEOUT = 120.0


def try_in_place(rendered: Rendered, folder: Folder, instance: Instance) -> list[Diagnostic]:
    """What ``nginx -t`` warns of, when the text stands beside the installed one and every path is the real one.

    Raises:
        NotApplied: when nginx refuses the text.
        Unavailable: when it cannot be asked.
    """
    binary = instance.binary
    quiet = ["-e", "stderr"] if binary.target.lowest >= (1, 19, 5) else []
    with folder.candidate_of(rendered.text) as candidate:
        output = run([binary.path, "-t", *quiet, *instance.options(), "-c", str(candidate)], _TIMEOUT)
        found = findings(output, candidate, rendered, instance)
    if "test is successful" in output:
        return [one for one in found if one.severity != "error"]
    if not any(one.severity == "error" for one in found):
        raise Unavailable(f"{binary} failed without a message of its own: {output.strip() or 'it said nothing'}")
    raise NotApplied(found, rendered.sources)


def findings(
    output: str, file: Path, rendered: Rendered, instance: Instance, levels: frozenset[str] | None = None
) -> list[Diagnostic]:
    """The messages in what nginx wrote about the text in a file, at the places of the cluster that it came from."""
    text = Text(str(file), list(locate(rendered.text)), {})
    found = []
    for message in read_messages(output):
        is_meant = message.level in levels if levels else message.level not in ("notice", "info", "debug")
        if is_meant and not message.text.startswith("could not open error log file"):
            line = find_line(message, text)
            found.append(as_finding(message, in_original_words(message, text), line, rendered, instance.binary))
    return in_order(found, rendered.sources)


def find_taken(rendered: Rendered, held: set[Address]) -> list[Diagnostic]:
    """The addresses that the new text wants, the nginx that runs does not hold, and somebody else has."""
    wanted = addresses_of(rendered.expanded.cluster)
    found = []
    for address, path in wanted.items():
        everywhere = address._replace(host="::" if ":" in address.host else "*")
        # nginx binds such an address by itself only when told to, and then the one for all is bound first.
        if address in held or (address.kind != "unix" and address != everywhere and everywhere in wanted):
            continue
        if reason := why_not(address):
            help = "end what listens there, or choose another address"
            if own := next((one for one in held if (one.kind, one.port) == (address.kind, address.port)), None):
                help = f"nginx itself listens on {own}, and lets go of that only when it ends: restart it"
            where = rendered.expanded.origin(path) or None
            found.append(error("NG044", f"{address} cannot be listened on: {reason}", where, help))
    return found
