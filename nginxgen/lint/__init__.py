"""What is legal and yet wrong, unsafe or slow: rules over any configuration, and what they find.

A rule is a module of its own in `rules`; adding one is that module and a row in its family's table.
"""

from __future__ import annotations
