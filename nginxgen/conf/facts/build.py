"""Makes `directives.json`; run it when nginx has a new release: ``python -m nginxgen.conf.facts.build TABLE``.

The tables beside this file:

directives.json     From the command tables (ngx_command_t) of every mainline release of nginx from 1.14.0 to 1.31.4,
                    with syntax and defaults from nginx.org. TABLE is that collection: {"directives": {NAME: [{"module",
                    "forms": [{"args", "contexts", "block", "from" | "removed"}], "syntax", "default"}]},
                    "documented_but_not_in_open_source_core": [NAME]}. A form holds from the release in "from" until
                    the next form's. What fell away before 1.18 is dropped here.
variables.json      By hand: every identifier in the binaries of 1.18.0, 1.22.1, 1.26.3, 1.30.6 and 1.31.3 was tried
                    as a variable with ``nginx -t``; releases are those of nginx's CHANGES.
distributions.json  By hand, from the distributions' package lists; each row says from where.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from nginxgen.conf.version import OLDEST, Version


def build(table: dict[str, Any]) -> dict[str, Any]:
    """The table that is shipped, from the collection."""
    directives = {}
    for name, entries in sorted(table["directives"].items()):
        kept = [{**entry, "forms": forms} for entry in entries if (forms := _since_oldest(entry["forms"]))]
        if kept:
            directives[name] = kept
    return {"commercial": sorted(table["documented_but_not_in_open_source_core"]), "directives": directives}


def _since_oldest(forms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The forms that any nginx from 1.18 on has had; the first loses its release when it is older than that."""
    starts = [Version.parse(form["from"]) if "from" in form else None for form in forms]
    first = max((at for at, start in enumerate(starts) if start is None or start <= OLDEST), default=0)
    kept = [dict(form) for form in forms[first:]]
    if starts[first] is not None and starts[first] <= OLDEST:  # type: ignore[operator]
        kept[0].pop("from")
    return [] if all(form.get("removed") for form in kept) else kept


def main() -> None:
    """Read the collection named on the command line and write the table beside this file."""
    collection = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    text = json.dumps(build(collection), separators=(",", ":"), sort_keys=True)
    Path(__file__).with_name("directives.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
