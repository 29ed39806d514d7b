"""Values that nginx refuses, or takes otherwise than they are meant: NG150 to NG199."""

from __future__ import annotations

from nginxgen.lint.rule import Rule

RULES: tuple[Rule, ...] = ()
