"""What misleads who reads it: NG500 to NG599."""

from __future__ import annotations

from nginxgen.lint.rule import Rule

RULES: tuple[Rule, ...] = ()
