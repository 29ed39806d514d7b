"""A deployment in containers: for compose, and for Kubernetes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from nginxgen.scaffold.cluster import Described, Group, files_test
from nginxgen.scaffold.printing import print_file
from nginxgen.scaffold.wishes import Wishes
from nginxgen.scaffold.words import Bare

NGINX = "1.30"
"""The nginx of the image. Since 1.27.3 names of a group's servers may be resolved at run time."""
IMAGE = f"nginx:{NGINX}-alpine"
_ROOT = "/srv/public"
"""Where the presets' Dockerfiles put the files that nginx serves."""
_DOCKERS_NAME_SERVER = "127.0.0.11"
_APPLICATION = 10001
"""The account in the presets' images."""
_NGINX_ACCOUNT = 101
"""The account nginx in nginx's image."""


def compose_files(wishes: Wishes, described: Described, shipped: Collection[str]) -> dict[str, str]:
    """The overlay and compose.yaml, by their paths."""
    groups = [
        {**_of(group), "server": {"address": f"{group.name}:{group.inside}", "resolve": True}}
        for group in described.groups
    ]
    overlay = {
        **_overlay("compose", described, groups),
        "test": files_test(wishes, described, _ROOT, shipped),
        "why": Bare("What is different in compose, where each group of cluster.toml is a service."),
        "processes": None,
        "resolver": _DOCKERS_NAME_SERVER,
    }
    services = {
        "name": wishes.name,
        "image": IMAGE,
        "root": described.root,
        "scaled": next((Bare(group.name) for group in described.groups if not group.keeps_clients), None),
        "published": f"{wishes.port}:{wishes.port}",
        "groups": [{**_of(group), "name": Bare(group.name), "command": _command(group)} for group in described.groups],
    }
    return {
        "compose.toml": print_file("container.toml", overlay),
        "compose.yaml": print_file("compose.yaml", services),
        ".dockerignore": ".git\n.github\n.venv\n__pycache__\nnode_modules\ncompose\nkubernetes\nsystemd\n",
    }


def kubernetes_files(wishes: Wishes, described: Described, shipped: Collection[str]) -> dict[str, str]:
    """The overlay, and the manifests in their folder, by their paths."""
    groups = [{**_of(group), "server": f"{wishes.name}-{group.name}:{group.inside}"} for group in described.groups]
    overlay = {
        **_overlay("kubernetes", described, groups),
        "test": files_test(wishes, described, _ROOT, shipped),
        "why": Bare("What is different in Kubernetes, where each group of cluster.toml is a Service."),
        "processes": 2,
        "resolver": None,
    }
    kustomization = {
        "bare_name": Bare(wishes.name),
        "groups": [{"file": f"{group.name}.yaml"} for group in described.groups],
        "config_map": _config_map(wishes),
        "images": [image for image, _ in _images(wishes, described)],
    }
    made = {
        "kubernetes.toml": print_file("container.toml", overlay),
        "kubernetes/kustomization.yaml": print_file("kustomization.yaml", kustomization),
        "kubernetes/nginx.yaml": print_file("kubernetes.yaml", _nginx(wishes, described)),
    }
    for group in described.groups:
        made[f"kubernetes/{group.name}.yaml"] = print_file("kubernetes.yaml", _application(wishes, group))
    return made


def builds(wishes: Wishes, described: Described) -> list[str]:
    """The commands that make the images that Kubernetes starts."""
    return [f"docker build {option}-t {image}:1 ." for image, option in _images(wishes, described)]


def _images(wishes: Wishes, described: Described) -> list[tuple[str, str]]:
    """The images of one's own, each with the option that builds it."""
    of_nginx = [(f"{wishes.name}-nginx", "--target nginx ")] if described.root is not None else []
    return [(wishes.name, ""), *of_nginx]


def _overlay(way: str, described: Described, groups: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "file": Bare(f"{way}.toml"),
        "conf": Bare(f"{way}/nginx.conf"),
        "target": NGINX,
        "root": None if described.root is None else _ROOT,
        "groups": groups,
    }


def _of(group: Group) -> dict[str, Any]:
    return {"key": Bare(group.name), "command": bool(group.command)}


def _command(group: Group) -> list[str]:
    return [str(group.inside) if word == "{port}" else word for word in group.command]


def _config_map(wishes: Wishes) -> str:
    return f"{wishes.name}-nginx"


def _nginx(wishes: Wishes, described: Described) -> dict[str, Any]:
    return {
        "comment": Bare("nginx, which reaches the applications by the names of their Services."),
        "name": wishes.name,
        "object_name": wishes.name,
        "protocol": "http",
        "service_port": 80,
        "replicas": 2,
        "port": wishes.port,
        "user": _NGINX_ACCOUNT,
        "container": "nginx",
        "image": IMAGE if described.root is None else f"{wishes.name}-nginx",
        "command": [],
        "health": None,
        "config_map": _config_map(wishes),
    }


def _application(wishes: Wishes, group: Group) -> dict[str, Any]:
    return {
        "comment": Bare(f"What stands behind nginx as the group {group.name}."),
        "name": wishes.name,
        "object_name": f"{wishes.name}-{group.name}",
        "protocol": group.name,
        "service_port": group.inside,
        "replicas": 1 if group.keeps_clients else 2,
        "port": group.inside,
        "user": _APPLICATION,
        "container": group.name,
        "image": wishes.name,
        "command": _command(group),
        "health": group.health,
        "config_map": None,
    }
