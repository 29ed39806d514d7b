"""Findings in the forms that other programs take: SARIF 2.1.0, GitHub's annotations, GitLab's code quality, JUnit.

Knows those forms; not what a finding means.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote as percent

from nginxgen._version import VERSION
from nginxgen.diagnostic import Diagnostic, Severity
from nginxgen.loading.sources import Sources
from nginxgen.report import in_order, junit, place_of, to_text, writable
from nginxgen.report.codes import entry

_SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_GITLAB = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def to_sarif(diagnostics: Iterable[Diagnostic], sources: Sources | None = None) -> str:
    """A log of one run, for code scanning; columns are counted in characters."""
    found = in_order(diagnostics, sources)
    codes = list(dict.fromkeys(one.code for one in found))
    driver = {"name": "nginxgen", "version": VERSION, "rules": [_rule(code) for code in codes]}
    results = [_result(one, codes.index(one.code), sources) for one in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}
    return writable(json.dumps(log, indent=2, ensure_ascii=False)) + "\n"


def _rule(code: str) -> dict[str, Any]:
    known = entry(code)
    if known is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": known.title},
        "fullDescription": {"text": known.why},
        "help": {"text": known.mend},
    }


def _result(one: Diagnostic, rule: int, sources: Sources | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "ruleId": one.code,
        "ruleIndex": rule,
        "level": _LEVELS[one.severity],
        "message": {"text": _sentence(one)},
    }
    if location := _location(place_of(one.where, one.key, sources)):
        made["locations"] = [location]
    related = [(place_of(where, True, sources), text) for where, text in one.also]
    if shown := [_location(place, text) for place, text in related if place["file"]]:
        made["relatedLocations"] = shown
    return made


def _location(place: dict[str, Any], text: str | None = None) -> dict[str, Any] | None:
    if not place["file"]:
        return None
    region = {"startLine": place["line"], "startColumn": place["column"], "endColumn": place["end_column"]}
    physical = {"artifactLocation": {"uri": percent(_relative(place["file"]))}, "region": region}
    return {"physicalLocation": physical, **({"message": {"text": text}} if text else {})}


def to_github(diagnostics: Iterable[Diagnostic], sources: Sources | None = None) -> str:
    """Lines that GitHub shows as annotations of a pull request."""
    return writable("".join(_annotation(one, sources) for one in in_order(diagnostics, sources)))


def _annotation(one: Diagnostic, sources: Sources | None) -> str:
    place = place_of(one.where, one.key, sources)
    known = entry(one.code)
    said = {"title": f"{one.code}: {known.title}" if known else one.code}
    if place["file"]:
        said |= {"file": _relative(place["file"]), "line": place["line"], "col": place["column"]}
        said |= {"endColumn": place["end_column"]}
    words = ",".join(f"{key}={_property(str(value))}" for key, value in said.items())
    return f"::{_GITHUB[one.severity]} {words}::{_data(_sentence(one))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def to_gitlab(diagnostics: Iterable[Diagnostic], sources: Sources | None = None) -> str:
    """A code quality report; a finding keeps its fingerprint when lines move."""
    seen: dict[str, int] = {}
    rows = [_quality(one, sources, seen) for one in in_order(diagnostics, sources)]
    return writable(json.dumps(rows, indent=2, ensure_ascii=False)) + "\n"


def _quality(one: Diagnostic, sources: Sources | None, seen: dict[str, int]) -> dict[str, Any]:
    place = place_of(one.where, one.key, sources)
    path = _relative(place["file"]) if place["file"] else "."
    key = f"{one.code}\n{path}\n{one.message}"
    number = seen[key] = seen.get(key, 0) + 1
    return {
        "description": _sentence(one),
        "check_name": one.code,
        "fingerprint": hashlib.sha256(f"{key}\n{number}".encode(errors="surrogateescape")).hexdigest(),
        "severity": _GITLAB[one.severity],
        "location": {"path": path, "lines": {"begin": place["line"] or 1}},
    }


def to_junit(diagnostics: Iterable[Diagnostic], sources: Sources | None = None, suite: str = "nginxgen lint") -> str:
    """A suite in which each finding is a case that failed, notes aside, and one case that passed when there is none."""
    cases = tuple(_failed(one, sources) for one in in_order(diagnostics, sources))
    return writable(junit.to_junit([junit.Suite(suite, cases or (junit.Case("nothing found"),))]))


def _failed(one: Diagnostic, sources: Sources | None) -> junit.Case:
    place = place_of(one.where, one.key, sources)
    file = _relative(place["file"]) if place["file"] else None
    name = f"{one.code} {file}:{place['line']}:{place['column']}" if file else one.code
    if one.severity is Severity.NOTE:  # which fails nothing
        return junit.Case(name, skipped=_sentence(one), file=file, line=place["line"])
    return junit.Case(name, failures=(to_text([one], sources),), file=file, line=place["line"])


def _sentence(one: Diagnostic) -> str:
    return f"{one.message} ({one.help})" if one.help else one.message


def _relative(name: str) -> str:
    """A file's name from here, as a repository has it; one that lies elsewhere stays whole."""
    path = os.path.relpath(name) if os.path.isabs(name) else os.path.normpath(name)
    return os.path.abspath(name) if path.startswith("..") and os.path.isabs(name) else path.replace(os.sep, "/")
