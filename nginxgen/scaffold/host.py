"""A deployment on a host: units of systemd for the applications' processes, and what is added to nginx's own."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from nginxgen.scaffold.cluster import REQUIREMENTS, Described, Group, files_test
from nginxgen.scaffold.printing import print_file
from nginxgen.scaffold.wishes import Wishes
from nginxgen.scaffold.words import Bare

_PORT = Bare("%i")
"""systemd's word for what stands behind the @ in a unit's name: the port that a process listens on."""
_OTHER_FAMILIES = ("rhel", "alpine", "opensuse")


def files(wishes: Wishes, described: Described, shipped: Collection[str]) -> dict[str, str]:
    """The overlay and the units, by their paths."""
    of_debian = not (wishes.target or "").lower().startswith(_OTHER_FAMILIES)
    root = None if described.root is None else f"{folder_of(wishes)}/{described.root}"
    groups = _groups(described)
    target = f"{wishes.name}.target" if groups else None
    beside = f", and that the processes of {wishes.name} start with it" if groups else ""
    added = {"target_unit": target, "beside": Bare(beside)}
    overlay = {
        "account": "www-data" if of_debian else "nginx",
        "root": root,
        "test": files_test(wishes, described, root, shipped),
    }
    made = {
        "systemd.toml": print_file("systemd.toml", overlay),
        f"systemd/nginx.service.d/{wishes.name}.conf": print_file("nginx.conf", added),
    }
    for group in groups:
        unit = _unit_name(wishes, group, groups)
        made[f"systemd/{unit}@.service"] = print_file(
            "worker.service", _service(wishes, group, unit, len(groups) > 1, REQUIREMENTS in shipped)
        )
    if groups:
        units = [f"{_unit_name(wishes, group, groups)}@{port}.service" for group in groups for port in group.ports]
        context = {"name": Bare(wishes.name), "description": Bare(f"Every process of {wishes.name}"), "units": units}
        made[f"systemd/{target}"] = print_file("workers.target", context)
    return made


def told(wishes: Wishes, described: Described, has_requirements: bool) -> dict[str, Any]:
    """What README.md tells of it."""
    groups = _groups(described)
    units = [f"{_unit_name(wishes, group, groups)}@.service" for group in groups]
    units = ["nginx.service.d", *units, *([f"{wishes.name}.target"] if groups else [])]
    ports = [f"{_unit_name(wishes, group, groups)}@{port}" for group in groups for port in group.ports]
    processes = f"Each process has a unit, named after its port: {', '.join(ports)}.\n" if groups else ""
    return {
        "folder": folder_of(wishes),
        "units": [f"systemd/{unit}" for unit in units],
        "target_unit": f"{wishes.name}.target" if groups else None,
        "processes": processes,
        "pip": has_requirements,
    }


def folder_of(wishes: Wishes) -> str:
    """Where a deployment lies on a host."""
    return f"/srv/{wishes.name}"


def _groups(described: Described) -> list[Group]:
    """The groups whose processes systemd starts."""
    return [group for group in described.groups if group.ports]


def _unit_name(wishes: Wishes, group: Group, groups: list[Group]) -> str:
    return wishes.name if len(groups) == 1 else f"{wishes.name}-{group.name}"


def _service(wishes: Wishes, group: Group, unit: str, is_one_of: bool, has_requirements: bool) -> dict[str, Any]:
    programs = f"{folder_of(wishes)}/.venv/bin" if has_requirements else "/usr/bin"
    words = [_PORT if word == "{port}" else word for word in group.command[1:]]
    of_group = f", {group.name}" if is_one_of else ""
    return {
        "name": Bare(wishes.name),
        "of_group": Bare(of_group),
        "unit_name": Bare(unit),
        "first": group.ports[0],
        "description": Bare(f"{wishes.name}{of_group}, on port %i"),
        "target_unit": f"{wishes.name}.target",
        "folder": folder_of(wishes),
        "command": [f"{programs}/{group.command[0]}", *words],
    }
