"""Values that nginx refuses, or takes otherwise than they are meant: NG150 to NG199."""

from __future__ import annotations

from nginxgen.lint.rule import Rule
from nginxgen.lint.rules.values import (
    ng150_unknown_parameter,
    ng151_invalid_value,
    ng152_impossible_port,
    ng153_unknown_variable,
    ng154_missing_semicolon,
    ng155_said_twice,
    ng156_impossible_server_name,
    ng157_broken_regex,
    ng158_capture_without_regex,
    ng159_impossible_status,
    ng160_buffers_at_odds,
    ng161_undefined_name,
    ng162_keepalive_at_odds,
    ng163_impossible_condition,
    ng164_outlives_the_backend,
    ng165_impossible_parameter,
    ng166_misplaced_location,
    ng167_impossible_entry,
)

RULES: tuple[Rule, ...] = (
    ng150_unknown_parameter.RULE,
    ng151_invalid_value.RULE,
    ng152_impossible_port.RULE,
    ng153_unknown_variable.RULE,
    ng154_missing_semicolon.RULE,
    ng155_said_twice.RULE,
    ng156_impossible_server_name.RULE,
    ng157_broken_regex.RULE,
    ng158_capture_without_regex.RULE,
    ng159_impossible_status.RULE,
    ng160_buffers_at_odds.RULE,
    ng161_undefined_name.RULE,
    ng162_keepalive_at_odds.RULE,
    ng163_impossible_condition.RULE,
    ng164_outlives_the_backend.RULE,
    ng165_impossible_parameter.RULE,
    ng166_misplaced_location.RULE,
    ng167_impossible_entry.RULE,
)
