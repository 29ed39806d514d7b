"""What does not do what it says: NG101 to NG149."""

from __future__ import annotations

from nginxgen.lint.rule import Rule
from nginxgen.lint.rules.correctness import (
    ng101_lost_proxy_headers,
)

RULES: tuple[Rule, ...] = (ng101_lost_proxy_headers.RULE,)
