"""Where it is said which rules count: in the cluster's own [lint], in pyproject.toml, on the command line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from nginxgen.diagnostic import Diagnostic, Severity, error
from nginxgen.errors import ConfigError
from nginxgen.lint.baseline import read_baseline, without_known
from nginxgen.lint.selection import Selection, unknown
from nginxgen.loading import Loaded
from nginxgen.loading.files import read_file
from nginxgen.loading.sources import Sources
from nginxgen.model.lint import Lint
from nginxgen.model.schema import validate
from nginxgen.proven import errors_of
from nginxgen.source import Path as Place

PROJECT = "pyproject.toml"
_TABLE = ("tool", "nginxgen", "lint")


class Settings(NamedTuple):
    """What counts, what is shown, and what is known."""

    selection: Selection = Selection()
    severity: Severity = Severity.NOTE
    """The least that is shown."""
    baseline: str | None = None


def settings_of(loaded: Loaded | None) -> Settings:
    """What a cluster's own file says; what the project says, where that says nothing.

    Raises:
        ConfigError: when what is said is wrong, with what else is wrong with the cluster.
    """
    if loaded is None or "lint" not in loaded.cluster.said():
        return _settings_of_project(Path())
    folder = Path(loaded.sources.names[-1]).parent if loaded.sources.names else Path()
    try:
        return _settings(loaded.cluster.lint, ("lint",), loaded.sources, folder)
    except ConfigError as problem:
        raise ConfigError([*problem.diagnostics, *errors_of(loaded)], loaded.sources) from None


def _settings_of_project(folder: Path) -> Settings:
    """What the nearest pyproject.toml says, in a folder or above it.

    Raises:
        ConfigError: when what it says is wrong.
    """
    folder = folder.absolute()
    file = next((one / PROJECT for one in (folder, *folder.parents) if (one / PROJECT).is_file()), None)
    if file is None:
        return Settings()
    sources = Sources([read_file(str(file))])
    data = sources.data()
    for key in _TABLE:
        data = data.get(key, {}) if isinstance(data, dict) else {}
    try:
        said = validate(Lint, data)
    except ConfigError as problem:
        raise ConfigError([_inside(one) for one in problem.diagnostics], sources) from None
    return _settings(said, _TABLE, sources, file.parent)


def _inside(one: Diagnostic) -> Diagnostic:
    where = one.where if isinstance(one.where, tuple) else ()
    return one._replace(where=(*_TABLE, *where))


def _settings(said: Lint, place: Place, sources: Sources, folder: Path) -> Settings:
    found = [
        error("NG007", f"{word!r} stands for no rule", (*place, key, words.index(word)), help)
        for key, words in (("select", said.select), ("ignore", said.ignore))
        for word, help in unknown(words)
    ]
    if found:
        raise ConfigError(found, sources)
    baseline = None if said.baseline is None else str(folder / said.baseline)
    return Settings(Selection(said.select, said.ignore), Severity(said.severity or Severity.NOTE), baseline)


def shown(found: Iterable[Diagnostic], settings: Settings) -> tuple[list[Diagnostic], int]:
    """The findings that are new and grave enough, and how many known ones are there no more.

    Raises:
        Unavailable: when the baseline cannot be read.
    """
    new, gone = without_known(found, read_baseline(settings.baseline) if settings.baseline else Counter())
    order = list(Severity)
    return [one for one in new if order.index(one.severity) <= order.index(settings.severity)], gone


def with_words(
    settings: Settings,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    severity: Severity | None = None,
    baseline: str | None = None,
) -> Settings:
    """The same with what the command line says: rules to select replace those of the file, ignored ones are added."""
    selection = Selection(tuple(select) or settings.selection.select, (*settings.selection.ignore, *ignore))
    return Settings(selection, severity or settings.severity, baseline or settings.baseline)
