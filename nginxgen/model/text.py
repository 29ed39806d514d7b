"""Texts that nginx reads by one rule wherever they stand: times, sizes, rates, paths, expressions."""

import re
import warnings

from nginxgen.conf.token import MultiLine
from nginxgen.model.kind import NotValid

_MILLISECONDS = re.compile(r"(?=[0-9])(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:(?:\d+s)?(?:\d+ms)?|\d+)", re.ASCII)
_SECONDS = re.compile(r"(?=[0-9])(?:\d+y)?(?:\d+M)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s?)?", re.ASCII)
_SIZE = re.compile(r"[0-9]+[kKmM]?")
_OFFSET = re.compile(r"[0-9]+[kKmMgG]?")
_RATE = re.compile(r"[1-9][0-9]{0,8}r/[sm]")
VARIABLE = re.compile(r"\$(?:([1-9])|([A-Za-z0-9_]+)|(\{[A-Za-z0-9_]+\}))")
"""A capture, which is one digit whatever stands behind it, or a name, which may stand in braces (ngx_http_script.c)."""
LOG_LEVELS = ("debug", "info", "notice", "warn", "error", "crit", "alert", "emerg")
_LOADERS = ("engine:", "store:", "data:")
DOLLAR = "nginxgen_dollar"
"""The variable that holds one "$", which nginx has no other way to write."""


def any_text(value: str) -> str:
    """Any text at all."""
    return value


def word(value: str) -> str:
    """Any text but the empty one; nginx takes it as it stands."""
    if not value:
        raise NotValid("an empty string says nothing here")
    return value


def multiline(value: str) -> str:
    """An expression that may have several lines."""
    expression(value)
    return MultiLine(value)


def expression(value: str) -> str:
    """A text in which nginx replaces ``$name`` and ``${name}``."""
    rest = VARIABLE.sub("", value)
    if "$" in rest:
        raise NotValid(
            'a "$" that begins no variable', f'nginx has no escape for "$"; write ${{{DOLLAR}}} for the sign itself'
        )
    return value


def nonempty_expression(value: str) -> str:
    """An expression that is not empty."""
    return expression(word(value))


def variables_in(value: str) -> list[str]:
    """The names of the variables in an expression, without "$"; captures are digits, and braces no capture."""
    return list(map(variable_name, VARIABLE.finditer(value))) if "$" in value else []


def variable_name(found: re.Match[str]) -> str:
    """The name that a match of `VARIABLE` is about."""
    braced: str = found[3] or ""
    return found[1] or found[2] or (braced if braced[1:-1].isdigit() else braced[1:-1])


def variable(value: str) -> str:
    """The name of a variable, with its "$"."""
    if not re.fullmatch(r"\$[A-Za-z_][A-Za-z0-9_]*", value):
        raise NotValid(f'{value!r} is no variable\'s name: write "$" and letters, digits or "_"')
    return value


def milliseconds(value: str) -> str:
    """A time that nginx counts in milliseconds: ``300ms``, ``60s``, ``1h30m``."""
    return _time(value, _MILLISECONDS, "300ms, 60s or 1h30m")


def seconds(value: str) -> str:
    """A time that nginx counts in whole seconds: ``60s``, ``12h``, ``1y``."""
    return _time(value, _SECONDS, "60s, 12h or 1y")


def _time(value: str, form: re.Pattern[str], examples: str) -> str:
    if not form.fullmatch(re.sub("(?<=[a-zM]) (?=[0-9])", "", value)):  # blanks may stand between its parts
        raise NotValid(f"{value!r} is no time for nginx", f"write {examples}")
    if any(len(digits) > 9 for digits in re.findall("[0-9]+", value)):
        raise NotValid(f"{value} is longer than anybody lives")
    return value


def size(value: str) -> str:
    """A size in memory: ``8k``, ``1m``."""
    return _amount(value, _SIZE, "512, 8k or 16m")


def offset(value: str) -> str:
    """A size in a file or body, which may be in gigabytes: ``16m``, ``2g``."""
    return _amount(value, _OFFSET, "8k, 16m or 2g")


def _amount(value: str, form: re.Pattern[str], examples: str) -> str:
    if not form.fullmatch(value):
        raise NotValid(f"{value!r} is no size for nginx", f"write {examples}")
    if len(value) > 10:
        raise NotValid(f"{value} is more than any machine has")
    return value


def rate(value: str) -> str:
    """Requests in a second or minute: ``10r/s``."""
    if not _RATE.fullmatch(value):
        raise NotValid(f"{value!r} is no rate for nginx", "write 10r/s or 30r/m")
    return value


def file_path(value: str) -> str:
    """A file on the machine that runs nginx; no variables."""
    if "$" in value:
        raise NotValid("a variable in this path would let a request choose the file")
    return path_expression(value)


def path_expression(value: str) -> str:
    """A file on the machine that runs nginx; variables may stand in it."""
    if value.startswith("~"):
        raise NotValid('nginx does not expand "~"', "write the whole path")
    if value != value.strip():
        raise NotValid("the path begins or ends with a blank")
    return nonempty_expression(value)


def certificate(value: str) -> str:
    """A file of certificates or keys; nginx's ``engine:``, ``store:`` and ``data:`` load code or variables."""
    if value.startswith(_LOADERS):
        raise NotValid(f'"{value.split(":")[0]}:" makes OpenSSL load more than a file', "write a file's path")
    return file_path(value)


def included_file(value: str) -> str:
    """A file that nginx reads as configuration: one, no pattern."""
    if re.search(r"[*?\[]", value):
        raise NotValid("a pattern includes whatever lies there, or nothing", "name the file")
    return file_path(value)


def error_log_target(value: str) -> str:
    """A file, ``stderr``, ``syslog:…`` or ``memory:SIZE``."""
    if value == "off":
        raise NotValid(
            'nginx would write a file named "off"', '{ target = "/dev/null", level = "emerg" } is as silent as it gets'
        )
    if value in LOG_LEVELS:
        raise NotValid(f'nginx would write a file named "{value}"', f'write {{ target = "…", level = "{value}" }}')
    return file_path(value)


def access_log_target(value: str) -> str:
    """A file, in whose path variables may stand, ``syslog:…`` or ``off``."""
    if value == "stderr" or value.startswith("memory:"):
        raise NotValid(f"nginx would write a file named {value!r}", "write /dev/stderr")
    return path_expression(value)


def regex(value: str) -> str:
    """A regular expression as PCRE reads it, checked for what no dialect takes; `check` asks nginx itself."""
    if problem := _unbalanced(word(value)) or _impossible(value):
        raise NotValid(f"the regular expression {problem}")
    return value


def _unbalanced(pattern: str) -> str | None:
    depth = at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            if at + 1 == len(pattern):
                return "ends with a backslash"
            at += 1
        elif char == "[":
            end = re.compile(r"\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]").match(pattern, at)
            if not end:
                return 'has a "[" without its "]"'
            at = end.end() - 1
        elif pattern.startswith("(?#", at):
            if (at := pattern.find(")", at)) == -1:
                return 'has a comment without its ")"'
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth < 0:
                return 'has a ")" too many'
        at += 1
    return 'has a "(" without its ")"' if depth else None


_BEYOND_PYTHON = re.compile(r"\(\*|\[:|\\[QEGKRX]|\(\?(?:\||#|R|&|P>|\(|C|[+-]?[0-9])|\(\?[a-z]*[xJU]|[\^$]\*|\}\{")
_IMPOSSIBLE = {
    "nothing to repeat": "repeats nothing",
    "bad character range": "has a range that ends before it begins",
    "redefinition of group name": "names two groups alike",
    "unknown extension": "has a group of no kind",
}
"""What Python's expressions and PCRE's have in common, and how it is called here."""


def _impossible(pattern: str) -> str | None:
    """What neither dialect takes, of patterns that both can read."""
    if _BEYOND_PYTHON.search(pattern):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern.replace("(?<", "(?P<").replace("(?P<=", "(?<=").replace("(?P<!", "(?<!"))
    except re.error as problem:
        return next((what for said, what in _IMPOSSIBLE.items() if problem.msg.startswith(said)), None)
    except (RecursionError, OverflowError):
        return None
    return None


def bytes_per_second(value: str) -> str:
    """How many bytes are sent or read in a second."""
    if "$" not in value and not re.fullmatch("[0-9]{1,9}[kKmM]?", value):
        raise NotValid(f"{value!r} is no number of bytes in a second", "write 512k or 2m")
    return nonempty_expression(value)


def hsts(value: str) -> str:
    """A switch, or a value of Strict-Transport-Security, in which browsers want max-age."""
    if value not in ("on", "off") and "$" not in value and "max-age=" not in value.lower():
        raise NotValid(
            f"{value!r} is nothing browsers take for it", 'write true, or a value such as "max-age=63072000"'
        )
    return nonempty_expression(value)
