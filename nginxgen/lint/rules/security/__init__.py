"""What lets somebody do what they should not: NG200 to NG299."""

from __future__ import annotations

from nginxgen.lint.rule import Rule
from nginxgen.lint.rules.security import (
    ng201_alias_traversal,
)

RULES: tuple[Rule, ...] = (ng201_alias_traversal.RULE,)
