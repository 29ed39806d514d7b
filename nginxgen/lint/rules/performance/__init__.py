"""What costs time or memory for nothing: NG300 to NG399."""

from __future__ import annotations

from nginxgen.lint.rule import Rule

RULES: tuple[Rule, ...] = ()
