"""What the nginx that reads it lacks, or does otherwise: NG400 to NG499."""

from __future__ import annotations

from nginxgen.lint.rule import Rule

RULES: tuple[Rule, ...] = ()
