"""A cluster to the text of nginx.conf: expanded for the target, then printed by the templates."""

from __future__ import annotations

from pathlib import Path

from nginxgen._version import VERSION
from nginxgen.conf.target import Target
from nginxgen.expand import Expanded
from nginxgen.model.cluster import Cluster
from nginxgen.rendering.environment import Comment, environment, own_environment, print_template
from nginxgen.rendering.layout import indent


def print_cluster(explicit: Cluster, made_by: str, templates: Path | None = None) -> str:
    """The text of an explicit cluster, not yet proven."""
    context = {
        "made_by": Comment.of(made_by),
        "nginx": explicit.nginx,
        "http": explicit.http,
        "upstreams": explicit.upstream,
        "servers": explicit.server,
    }
    made = own_environment() if templates is None else environment(templates)
    return indent(print_template(made, context))


def header(expanded: Expanded, target: Target, names: list[str]) -> str:
    """What the first line says: what made the file and from what; no date, host or path, so that same is same."""
    origin = f" from {', '.join(name.rpartition('/')[2] for name in names)}" if names else ""
    return f"Made by nginxgen {VERSION}{origin} for {target.name}"
