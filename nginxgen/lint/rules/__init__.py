"""Every rule there is, by families: what is wrong, values, security, performance, versions, style."""

from __future__ import annotations

from nginxgen.lint.rule import Rule
from nginxgen.lint.rules import correctness, performance, security, style, values, version

RULES: dict[str, Rule] = {
    rule.code: rule for family in (correctness, values, security, performance, version, style) for rule in family.RULES
}
"""By code, in the order of codes."""
