"""The escape hatch: directives without a field, as lists of words, never as text.

``["proxy_buffers", "8", "16k"]`` is a directive, ``["limit_except", ["GET"], [["deny", "all"]]]`` one with a block.
"""

from typing import Annotated, Any

from nginxgen.conf.token import unrepresentable
from nginxgen.conf.tree import Directive
from nginxgen.model.block import Block, directive
from nginxgen.model.kind import NotValid, type_name

_SHAPE = 'write ["name", "word", …] or, with a block, ["name", ["word", …], [["name", …], …]]'
_MAX_DEPTH = 16


class _Words:
    """Reads a list of words to a `Directive`."""

    name = "a directive as a list of words"

    def read(self, value: Any) -> Directive:
        return _directive(value, 0)


def _directive(value: Any, depth: int) -> Directive:
    if isinstance(value, Directive):
        inner = None if value.block is None else tuple(_directive(one, depth + 1) for one in value.block)
        return _checked(value._replace(block=inner))
    if not isinstance(value, list | tuple):
        raise NotValid(f"a directive is a list of words, not {type_name(value)}", _SHAPE)
    if depth > _MAX_DEPTH:
        raise NotValid(f"blocks inside blocks, more than {_MAX_DEPTH} deep")
    match value:
        case [str(name), list() | tuple() as args, list() | tuple() as block]:
            inner = tuple(_directive(one, depth + 1) for one in block)
            return _checked(Directive(name, _without_parentheses(name, tuple(map(_word, args))), inner))
        case [str(name), *args]:
            return _checked(Directive(name, tuple(map(_word, args))))
    raise NotValid("a directive begins with its name", _SHAPE)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise NotValid(f"a word is a string, not {type_name(value)}", _SHAPE)
    return value


def _checked(directive: Directive) -> Directive:
    for word in (directive.name, *directive.args):
        if problem := unrepresentable(word):
            raise NotValid(f"the word {problem}", "nginx.conf cannot hold it")
    if directive.name == "if" and directive.block is None:
        raise NotValid("an if has a block", _SHAPE)
    if directive.name.endswith(("_by_lua", "_by_lua_block", "_by_lua_file")):
        raise NotValid(
            f"{directive.name} holds a program, which is no list of words", "put it into a file and include that"
        )
    return directive


def _without_parentheses(name: str, args: tuple[str, ...]) -> tuple[str, ...]:
    """The condition of an ``if``, whose parentheses the template writes."""
    if name != "if" or not args or not (args[0].startswith("(") and args[-1].endswith(")")):
        return args
    if len(args) == 1 and " " in args[0]:
        raise NotValid("the words of a condition stand by themselves", 'write ["$request_method", "=", "POST"]')
    if len(args) == 1:
        return (args[0][1:-1],)
    first, last = args[0][1:], args[-1][:-1]
    return (*([first] if first else []), *args[1:-1], *([last] if last else []))


RawDirective = Annotated[Directive, _Words()]


class Open(Block):
    """A block that takes directives without a field of their own."""

    directives: tuple[RawDirective, ...] = directive("Directives without a field, as lists of words.", placed=True)
