"""What the nginx that reads it lacks, or does otherwise: NG400 to NG499."""

from __future__ import annotations

from nginxgen.lint.rule import Rule
from nginxgen.lint.rules.version import (
    ng400_unknown_directive,
    ng401_misplaced_directive,
    ng402_wrong_parameters,
    ng403_wrong_block,
    ng404_too_new,
    ng405_removed_directive,
    ng406_commercial_directive,
    ng408_variable_too_new,
    ng409_parameter_too_new,
    ng410_listen_http2,
    ng411_ignored_http2_setting,
    ng412_listen_default,
    ng413_changed_default,
    ng414_vulnerable_module,
)

RULES: tuple[Rule, ...] = (
    ng400_unknown_directive.RULE,
    ng401_misplaced_directive.RULE,
    ng402_wrong_parameters.RULE,
    ng403_wrong_block.RULE,
    ng404_too_new.RULE,
    ng405_removed_directive.RULE,
    ng406_commercial_directive.RULE,
    ng408_variable_too_new.RULE,
    ng409_parameter_too_new.RULE,
    ng410_listen_http2.RULE,
    ng411_ignored_http2_setting.RULE,
    ng412_listen_default.RULE,
    ng413_changed_default.RULE,
    ng414_vulnerable_module.RULE,
)
