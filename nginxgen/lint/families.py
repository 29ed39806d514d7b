"""Directives that are there once for each kind of backend, with its name in front."""

from __future__ import annotations

BUFFERED = ("proxy", "fastcgi", "uwsgi", "scgi")
"""The backends whose answers nginx buffers, caches and stores: ``proxy_buffers``, ``fastcgi_buffers`` …"""
