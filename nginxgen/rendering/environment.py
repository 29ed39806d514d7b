"""Jinja, set up so that templates cannot print anything but quoted words.

The only module that imports jinja2.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from nginxgen.conf.token import Unrepresentable, quote
from nginxgen.conf.tree import Directive
from nginxgen.errors import TemplateError, Unavailable
from nginxgen.model.codec import lines
from nginxgen.model.names import Match
from nginxgen.model.record import Record

ENTRY = "nginx.conf.j2"


def template_folder() -> Path:
    """Where nginxgen's own templates lie: in the package when installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "_templates"
    return installed if installed.is_dir() else package.parent / "templates"


class Comment(str):
    """A text for a comment: letters, digits and a few signs, so that it can neither end the line nor mean anything."""

    __slots__ = ()

    @classmethod
    def of(cls, text: str) -> Comment:
        """The text with everything else replaced by "?"."""
        return cls(re.sub(r"[^A-Za-z0-9 ._,:;+()=/-]", "?", text)[:400])


def finalize(value: Any) -> str:
    """What ``{{ value }}`` prints: its words, each quoted by nginx's rules.

    Raises:
        TypeError: for anything that is no word of nginx.conf, such as true or none.
    """
    kind = type(value)
    if kind is str:
        return quote(value)
    if isinstance(value, jinja2.Undefined):
        return str(value)  # a StrictUndefined says which name it is
    if kind is Directive:
        return " ".join([quote(value.name), *map(quote, value.args)])
    if isinstance(value, Record | Match):
        return " ".join(map(quote, value.words()))
    if isinstance(value, str):
        return value if kind is Comment else quote(value)
    if kind is tuple:
        return " ".join(map(finalize, value))
    if kind is int:
        return str(value)
    raise TypeError(f"a template prints {value!r}, which is no word of nginx.conf")


def environment(templates: Path | None = None, quoting: Callable[[Any], str] = finalize) -> jinja2.Environment:
    """Jinja over nginxgen's templates, single ones of which ``templates`` may replace."""
    folders = [template_folder()] if templates is None else [templates, template_folder()]
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        finalize=quoting,
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        optimized=False,  # folding constants takes longer than it saves: each template runs once
    )
    made.globals["lines"] = lines
    return made


@cache
def own_environment() -> jinja2.Environment:
    """Jinja over nginxgen's templates alone, compiled once: that takes five times as long as to print them."""
    return environment()


def print_template(made: jinja2.Environment, context: dict[str, Any]) -> str:
    """The text of the entry template.

    Raises:
        TemplateError: when a template fails, with its name and line.
        Unavailable: when the templates are not there.
    """
    try:
        return "".join(made.get_template(ENTRY).generate(context))
    except jinja2.TemplateNotFound as problem:
        if isinstance(made.loader, jinja2.FileSystemLoader) and len(made.loader.searchpath) > 1:
            raise TemplateError(f"{_place(problem)}there is no template {problem.name}") from None
        raise Unavailable(f"the template {problem.name} is missing; is nginxgen installed whole?") from None
    except jinja2.TemplateSyntaxError as problem:
        raise TemplateError(f"{problem.name}, line {problem.lineno}: {problem.message}") from None
    except (jinja2.TemplateError, TypeError, Unrepresentable) as problem:
        raise TemplateError(f"{_place(problem)}{problem}") from problem
    except UnicodeDecodeError as problem:
        raise TemplateError(f"{_unreadable(made)} is not in UTF-8: {problem}") from None
    except Exception as problem:  # whatever an expression in a template of the user's own runs into
        if not (place := _place(problem)):
            raise
        raise TemplateError(f"{place}{type(problem).__name__}: {problem}") from problem


def _unreadable(made: jinja2.Environment) -> str:
    """The template that cannot be read as text."""
    for name in made.list_templates():
        try:
            assert made.loader
            made.loader.get_source(made, name)
        except UnicodeDecodeError:
            return name
    return "a template"


def _place(problem: Exception) -> str:
    """The template and line in which an error arose."""
    trace, place = problem.__traceback__, ""
    while trace:
        name = trace.tb_frame.f_code.co_filename
        if name.endswith(".j2"):
            place = f"{Path(name).name}, line {trace.tb_lineno}: "
        trace = trace.tb_next
    return place
