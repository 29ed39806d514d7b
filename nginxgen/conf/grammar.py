"""Whether statements are right for a target: names, contexts, argument counts, blocks.

Judges directives by the facts; what their parameters mean is not its business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import NamedTuple

from nginxgen.conf.facts import FREE_FORM, Form, directive_names, forms, forms_in, is_commercial
from nginxgen.conf.target import Target
from nginxgen.conf.tree import Directive, Statement

_BLOCK_CONTEXT = {
    ("if", "location"): "if in location",
    ("if", "server"): "if in server",
    ("server", "stream"): "stream server",
    ("upstream", "stream"): "stream upstream",
    ("server", "mail"): "mail server",
}


class Fault(NamedTuple):
    """What is wrong with a directive, and what to do about it."""

    kind: str
    """``unknown``, ``foreign`` (perhaps another module's), ``commercial``, ``context``, ``version`` (too young),
    ``removed``, ``module``, ``arguments`` or ``block``."""
    message: str
    help: str | None = None


def inner_context(name: str, context: str) -> str:
    """The context inside a block; that of the block itself for those that only group, such as limit_except."""
    return _BLOCK_CONTEXT.get((name, context), name)


class Grammar:
    """The facts at one target; remembers what it looked up, since a configuration says few things often."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._rules: dict[tuple[str, str, bool], list[Form] | Fault] = {}

    def check_tree(self, tree: Iterable[Statement], context: str) -> Iterator[tuple[Statement, Fault]]:
        """Every fault of a tree that stands in ``context``."""
        for statement in tree:
            if fault := self.check(statement, context):
                yield statement, fault
            if statement.block and statement.name not in FREE_FORM:
                yield from self.check_tree(statement.block, inner_context(statement.name, context))

    def check(self, directive: Directive | Statement, context: str) -> Fault | None:
        """What is wrong with one directive in its context, its block's inside left aside."""
        key = directive.name, context, directive.block is not None
        if (rule := self._rules.get(key)) is None:
            rule = self._rules[key] = self._rule(*key)
        if isinstance(rule, Fault):
            return rule
        for form in rule:
            if not form.takes(len(directive.args)):
                return _arguments_fault(directive, form.syntax, self.target)
            if form.is_flag and directive.args[0].lower() not in ("on", "off"):
                return Fault("arguments", f"{directive.name} is on or off, not {directive.args[0]!r}")
        return None

    def lacks(self, name: str, context: str, is_block: bool = False) -> Fault | None:
        """What is wrong with a directive of that name in a context, whatever its parameters."""
        rule = self._rule(name, context, is_block)
        return rule if isinstance(rule, Fault) else None

    def _rule(self, name: str, context: str, is_block: bool) -> list[Form] | Fault:
        """The form that holds at each version of the target."""
        candidates = forms_in(name, context)
        if not candidates:
            return _unknown_here(name, context, self.target)
        rule = []
        for version in self.target.versions():
            held = [form for form in candidates if form.holds(version)]
            if not held:
                return _version_fault(name, candidates, self.target)
            if not any(self.target.has_module(form.module) for form in held):
                return _module_fault(name, held[0].module, self.target)
            fitting = [form for form in held if form.block == is_block]
            if not fitting:
                return Fault("block", f"{name} takes {'no' if is_block else 'a'} block")
            rule.append(fitting[0])
        return rule


def _unknown_here(name: str, context: str, target: Target) -> Fault:
    if known := sorted({place for form in forms(name) for place in form.contexts}):
        return Fault("context", f"{name} is not allowed in {context}", f"it stands in: {', '.join(known)}")
    if is_commercial(name):
        return Fault("commercial", f"open-source nginx has no {name}", "it belongs to the commercial NGINX Plus")
    if target.has_foreign_modules:
        return Fault("foreign", f"nginx itself has no {name}; only a module built into {target.name} could")
    close = get_close_matches(name, directive_names(), n=1, cutoff=0.75)
    others = "a module's directive needs load_module in [nginx]"
    return Fault("unknown", f"nginx has no directive {name}", f"did you mean {close[0]}?" if close else others)


def _module_fault(name: str, module: str, target: Target) -> Fault:
    help = f"load it: load_module in [nginx], with the file of {module}" if target.loads_module(module) else None
    return Fault("module", f"{target.name} is built without {module}, which has {name}", help)


def _version_fault(name: str, rows: list[Form], target: Target) -> Fault:
    is_gone = not any(row.holds(target.highest) for row in rows)
    gone = max((row.until for row in rows if row.until and row.until <= target.highest), default=None)
    if is_gone and gone:
        return Fault("removed", f"{name} was removed in nginx {gone}")
    since = min(row.since for row in rows if row.since)
    return Fault("version", f"{name} is in nginx since {since}")


def _arguments_fault(directive: Directive | Statement, syntax: tuple[str, ...], target: Target) -> Fault:
    count = len(directive.args)
    forms_text = " or ".join(f'"{directive.name} {form}"'.replace(' "', '"') for form in syntax if form)
    return Fault(
        "arguments",
        f"{directive.name} does not take {count} parameter{'' if count == 1 else 's'} in {target.name}",
        f"nginx.org: {forms_text}" if forms_text else None,
    )
