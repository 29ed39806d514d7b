"""Plain command lines, read without building typer's parser.

Building that (with a pydantic adapter for each option) takes as long as everything `render` does. The declarations
are the same ones; whatever is not plain, help, completion and every mistake included, is left to typer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from inspect import signature
from typing import Any, get_args, get_origin, get_type_hints

from typer.models import ArgumentInfo, OptionInfo


def read_plain(command: Callable[..., None], words: Sequence[str]) -> dict[str, Any] | None:
    """The arguments for a command that plain words mean; None when typer has to look at them."""
    options, positional, values = _declared(command)
    files: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, attached = word.partition("=") if word.startswith("--") else (word, "", "")
        if word == "-" or not word.startswith("-"):
            files.append(word)
            continue
        if name not in options or not (equals or rest):
            return None
        key, kind = options[name]
        text = attached if equals else rest.pop(0)
        if (value := _value(kind, text)) is None or (not equals and text.startswith("-") and text != "-"):
            return None
        values[key] = value
    if not files:
        return None
    return {**values, positional: files}


def _declared(command: Callable[..., None]) -> tuple[dict[str, tuple[str, Any]], str, dict[str, Any]]:
    """A command's options by their names, the parameter that takes all other words, and what is said by default."""
    options: dict[str, tuple[str, Any]] = {}
    positional = ""
    hints = get_type_hints(command, include_extras=True)
    parameters = signature(command).parameters
    for key in parameters:
        kind, info = get_args(hints[key])
        if isinstance(info, OptionInfo):
            # In an Annotated, typer takes the first name for a default until it has looked.
            written = [name for name in (info.default, *(info.param_decls or ())) if isinstance(name, str)]
            for name in written or (f"--{key}",):
                options[name] = key, kind
        elif isinstance(info, ArgumentInfo) and get_origin(kind) is list:
            positional = key
    return options, positional, {key: one.default for key, one in parameters.items() if key != positional}


def _value(kind: Any, text: str) -> Any:
    """A word as the type that an option has; None when it is none of its values."""
    choices = [one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, Enum)]
    if choices:
        return next((one for one in choices[0] if one.value == text), None)
    return text if str in (kind, *get_args(kind)) else None
