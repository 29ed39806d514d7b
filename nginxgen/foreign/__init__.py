"""Configurations that others wrote: read as nginx reads them, whole or in parts, each word with its place.

Judges nothing and knows no cluster.
"""

from __future__ import annotations

from nginxgen.foreign.configuration import Configuration, parse_text, read_configuration
from nginxgen.foreign.node import Node

__all__ = ["Configuration", "Node", "parse_text", "read_configuration"]
