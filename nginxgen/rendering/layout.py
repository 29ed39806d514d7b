"""Indentation of a configuration by its blocks; the templates say what stands on a line, not how deep."""

from __future__ import annotations


def indent(text: str) -> str:
    """The same lines, each as deep as the blocks around it; several empty lines become one."""
    depth = 0
    laid: list[str] = []
    for line in text.split("\n"):
        line = line.strip(" \t")
        if line == "}":
            depth -= 1
            if laid and not laid[-1]:
                laid.pop()
        if line:
            laid.append("    " * depth + line)
        elif laid and laid[-1] and not laid[-1].endswith("{"):
            laid.append("")
        if line.endswith(" {") and not line.startswith("#"):
            depth += 1
    return "\n".join(laid).strip("\n") + "\n"
