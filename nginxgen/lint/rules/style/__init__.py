"""What misleads who reads it: NG500 to NG599."""

from __future__ import annotations

from nginxgen.lint.rule import Rule
from nginxgen.lint.rules.style import (
    ng500_mixed_indentation,
    ng501_misleading_indentation,
    ng502_trailing_blanks,
    ng503_crowded_line,
    ng504_underscore_name,
)

RULES: tuple[Rule, ...] = (
    ng500_mixed_indentation.RULE,
    ng501_misleading_indentation.RULE,
    ng502_trailing_blanks.RULE,
    ng503_crowded_line.RULE,
    ng504_underscore_name.RULE,
)
