"""Which texts a configuration gives to its variables, by set, map and the like."""

from __future__ import annotations

import itertools
import re

from nginxgen.foreign import Configuration

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_MOST = 64


class Assignments:
    """The texts that ``set`` and ``map`` give to variables, wherever they do."""

    def __init__(self, configuration: Configuration) -> None:
        self._texts: dict[str, list[str]] = {}
        for one in configuration.named("set"):
            if len(one.args) == 2:
                self._texts.setdefault(one.args[0].removeprefix("$"), []).append(one.args[1])
        for name in ("map", "geo", "split_clients"):
            for one in configuration.named(name):
                for entry in one.children or ():
                    if one.args and len(entry.args) == 1 and entry.name not in ("hostnames", "volatile"):
                        self._texts.setdefault(one.args[-1].removeprefix("$"), []).append(entry.args[0])

    def texts(self, name: str) -> list[str]:
        """What a variable, named without its ``$``, is ever given; empty when another module gives it."""
        return self._texts.get(name, [])

    def is_open(self, expression: str) -> bool:
        """Whether a text has variables of which it is not known what they may be."""
        waiting = [expression]
        for text in itertools.islice(iter(waiting), _MOST):
            for found in _VARIABLE.finditer(text):
                given = self.texts(found[1] or found[2])
                if not given:
                    return True
                waiting += given
        return len(waiting) > _MOST

    def values(self, expression: str) -> list[str]:
        """What a text with variables may become, as far as that is known: those that end without a variable."""
        waiting, done = [expression], []
        for text in itertools.islice(iter(waiting), _MOST):
            found = _VARIABLE.search(text)
            if found is None:
                done.append(text)
                continue
            given = self.texts(found[1] or found[2])
            waiting += [text[: found.start()] + one + text[found.end() :] for one in given]
        return done
