"""The files of a deployment: which there are, and what each is made from."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from nginxgen.model.json_schema import json_schema
from nginxgen.scaffold import checking, containers, host
from nginxgen.scaffold.cluster import REQUIREMENTS, SCHEMA, Described, describe, own_cluster, rendered
from nginxgen.scaffold.presets import shipped_files, summary
from nginxgen.scaffold.printing import print_file
from nginxgen.scaffold.wishes import Checker, Runner, Wishes

_MADE = ("cluster.toml", "nginx.conf", "README.md")
"""What is made anew; the other files of a preset are taken as they are."""
_FOR_CONTAINERS = ("Dockerfile",)


class Deployment(NamedTuple):
    """What is known of a deployment while its files are made."""

    preset: str
    wishes: Wishes
    described: Described
    shipped: tuple[str, ...]
    """The preset's files, by their paths inside its folder."""

    @property
    def has_requirements(self) -> bool:
        """Whether the applications need packages of Python's."""
        return REQUIREMENTS in self.shipped


def deployment_files(preset: str, wishes: Wishes) -> dict[str, bytes]:
    """Every file of a new deployment, by its path inside the folder.

    Raises:
        ConfigError: when the target cannot do what the preset needs.
        Unavailable: when the preset is not there.
    """
    shipped = shipped_files(preset)
    cluster = own_cluster(shipped["cluster.toml"].decode("utf-8"), wishes)
    made = Deployment(preset, wishes, describe(cluster), tuple(shipped))
    has_containers = any(one in wishes.runners for one in (Runner.COMPOSE, Runner.KUBERNETES))
    kept = {
        name: data
        for name, data in shipped.items()
        if name not in _MADE and (has_containers or name not in _FOR_CONTAINERS)
    }
    texts = {"cluster.toml": cluster, SCHEMA: json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"}
    texts |= _runners(made)
    for files, conf in renderings(wishes):
        texts[conf] = rendered([(name, texts[name]) for name in files]).text
    texts |= checking.files(wishes.checkers, renderings(wishes), made.described.has_tests)
    texts["README.md"] = print_file("README.md", _told(made)).rstrip("\n") + "\n"
    return kept | {name: text.encode("utf-8") for name, text in texts.items()}


def renderings(wishes: Wishes) -> list[tuple[tuple[str, ...], str]]:
    """What is rendered: the files that are laid over each other, and where the text goes."""
    ways = [one.value for one in Runner if one in wishes.runners]
    return [
        (("cluster.toml",), "nginx.conf"),
        *(((("cluster.toml", f"{way}.toml")), f"{way}/nginx.conf") for way in ways),
    ]


def _runners(made: Deployment) -> dict[str, str]:
    wishes, described = made.wishes, made.described
    texts: dict[str, str] = {}
    if Runner.SYSTEMD in wishes.runners:
        texts |= host.files(wishes, described, made.shipped)
    if Runner.COMPOSE in wishes.runners:
        texts |= containers.compose_files(wishes, described, made.shipped)
    if Runner.KUBERNETES in wishes.runners:
        texts |= containers.kubernetes_files(wishes, described, made.shipped)
    return texts


def _told(made: Deployment) -> dict[str, Any]:
    """What README.md tells."""
    wishes, described = made.wishes, made.described
    checkers = {Checker.GITHUB: "GitHub", Checker.GITLAB: "GitLab", Checker.PRE_COMMIT: "pre-commit"}
    named = [name for one, name in checkers.items() if one in wishes.checkers]
    by = " and ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)
    return {
        "name": wishes.name,
        "summary": summary(made.preset),
        "requirement": checking.REQUIREMENT,
        "port": wishes.port,
        "php": not any(group.ports for group in described.groups),
        "pip": made.has_requirements,
        "renderings": [{"files": files, "conf": conf} for files, conf in renderings(wishes)],
        "checked_by": f"{by} check{'s' if len(named) == 1 else ''}" if named else "",
        "systemd": host.told(wishes, described, made.has_requirements) if Runner.SYSTEMD in wishes.runners else None,
        "compose": Runner.COMPOSE in wishes.runners,
        "kubernetes": containers.builds(wishes, described) if Runner.KUBERNETES in wishes.runners else None,
    }
