"""Jinja over the templates of a deployment's files: each value is one word, quoted by the rules of the file.

The templates lie beside this module; nginx.conf has others, in `rendering`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2

from nginxgen.scaffold import words

FOLDER = Path(__file__).parent / "templates"
_QUOTING: dict[str, Callable[[Any], str]] = {
    "toml": words.toml,
    "yaml": words.yaml,
    "service": words.unit,
    "target": words.unit,
    "conf": words.unit,
    "md": words.prose,
}
"""By the end of a template's name."""


def print_file(template: str, context: dict[str, Any]) -> str:
    """The text of ``template``, which stands in `FOLDER` with ``.j2`` behind its name.

    Raises:
        TypeError: when it prints something that its language has no word for.
    """
    quote = _QUOTING[template.rpartition(".")[2]]
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        finalize=lambda value: str(value) if isinstance(value, jinja2.Undefined) else quote(value),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        optimized=False,
    )
    return made.get_template(f"{template}.j2").render(context)
