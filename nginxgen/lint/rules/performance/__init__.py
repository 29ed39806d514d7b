"""What costs time or memory for nothing: NG300 to NG399."""

from __future__ import annotations

from nginxgen.lint.rule import Rule
from nginxgen.lint.rules.performance import (
    ng300_no_keepalive,
    ng301_no_zone,
    ng302_gzip_without_types,
    ng303_gzip_level,
    ng304_gzip_of_compressed,
    ng305_one_worker,
    ng306_too_few_files,
    ng307_no_buffering,
    ng308_cache_without_buffering,
    ng309_no_session_cache,
    ng310_nopush_without_sendfile,
    ng311_log_opened_each_time,
    ng312_regex_for_a_prefix,
    ng313_impatient_resolver,
    ng314_few_requests_per_connection,
    ng315_log_without_buffer,
    ng316_tiny_buffers,
    ng317_few_connections,
)

RULES: tuple[Rule, ...] = (
    ng300_no_keepalive.RULE,
    ng301_no_zone.RULE,
    ng302_gzip_without_types.RULE,
    ng303_gzip_level.RULE,
    ng304_gzip_of_compressed.RULE,
    ng305_one_worker.RULE,
    ng306_too_few_files.RULE,
    ng307_no_buffering.RULE,
    ng308_cache_without_buffering.RULE,
    ng309_no_session_cache.RULE,
    ng310_nopush_without_sendfile.RULE,
    ng311_log_opened_each_time.RULE,
    ng312_regex_for_a_prefix.RULE,
    ng313_impatient_resolver.RULE,
    ng314_few_requests_per_connection.RULE,
    ng315_log_without_buffer.RULE,
    ng316_tiny_buffers.RULE,
    ng317_few_connections.RULE,
)
