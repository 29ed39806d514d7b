"""Everything that ``nginxgen new`` writes, held to the rules of whatever reads it, by that one's own tool or schema."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from nginxgen import load, render
from nginxgen.proof.binary import NginxBinary
from nginxgen.scaffold.deployment import deployment_files, renderings
from nginxgen.scaffold.presets import PRESETS
from nginxgen.scaffold.wishes import Runner, Wishes
from support.command import environment, nginxgen
from support.deployed import need

NAME = "my-app"
EVERYTHING = Wishes(NAME)


@cache
def files_of(preset: str) -> dict[str, bytes]:
    return deployment_files(preset, EVERYTHING)


@pytest.fixture(params=PRESETS)
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(preset: str, tmp_path: Path) -> Path:
    """A deployment with everything that there is."""
    for name, data in files_of(preset).items():
        path = tmp_path / NAME / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / NAME


def run(*words: str | Path, cwd: Path) -> str:
    """What a tool says, which must be content; its cache is ours."""
    done = subprocess.run(
        list(map(str, words)),
        cwd=cwd,
        env=environment(LC_ALL="C.UTF-8", PRE_COMMIT_HOME=str(cwd / ".cache")),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.nginx
def test_every_way_of_running_it_is_fine_and_passes_its_tests(folder: Path, nginx: NginxBinary) -> None:
    for files, conf in renderings(EVERYTHING):
        rendered = render(load(*(folder / one for one in files)))
        assert rendered.text == (folder / conf).read_text(encoding="utf-8")
        assert nginxgen("lint", *files, cwd=folder).code == 0
        done = nginxgen("check", *files, "--nginx", nginx.path, cwd=folder)
        assert done.code == 0, done.err
        assert "accepted by" in done.out
        assert ("; tests: " in done.out) is ("\n[[test]]\n" in (folder / "cluster.toml").read_text())


def test_an_editor_finds_the_schema_and_has_no_complaints(folder: Path) -> None:
    cluster = (folder / "cluster.toml").read_text(encoding="utf-8")
    (named,) = re.findall(r"^#:schema \./(\S+)$", cluster.split("\n")[0])
    validator = Draft202012Validator(json.loads((folder / named).read_text(encoding="utf-8")))
    data = tomllib.loads(cluster)
    assert [one.message for one in validator.iter_errors(data)] == []
    assert list(validator.iter_errors({**data, "nosuch": 1}))


def test_units_of_systemd(folder: Path, tmp_path: Path) -> None:
    """``systemd-analyze verify`` on a host where everything is that the units name."""
    systemd = need("systemd-analyze")
    host = tmp_path / "host"
    shutil.copytree("/lib/systemd/system", units := host / "lib/systemd/system", symlinks=True)
    (units / "nginx.service").write_text("[Service]\nType=forking\nPIDFile=/run/nginx.pid\nExecStart=/usr/sbin/nginx\n")
    written = [one for one in (folder / "systemd").iterdir() if one.suffix in (".service", ".target")]
    shutil.copytree(folder / "systemd" / "nginx.service.d", units / "nginx.service.d")
    programs = ["usr/sbin/nginx"]
    started = ["nginx.service"]
    for one in written:
        shutil.copy(one, units)
        text = one.read_text(encoding="utf-8")
        programs += re.findall(r"^ExecStart=/(\S+)", text, re.MULTILINE)
        started += [f"{template}@{port}.service" for template, port in re.findall(r"([\w-]+)@(\d+)\.service", text)]
    for program in programs:
        (host / program).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(sys.executable, host / program)
    assert run(systemd, "verify", "--man=no", f"--root={host}", *started, cwd=host) == ""
    with (units / "nginx.service.d" / f"{NAME}.conf").open("a") as added:
        added.write("NoSuchKey=yes\n")
    assert "NoSuchKey" in run(systemd, "verify", "--man=no", f"--root={host}", *started, cwd=host), "it looks there"


def test_units_are_as_hardened_as_they_say(folder: Path) -> None:
    """systemd's own figure, from 0 (nothing can happen) to 10."""
    systemd = need("systemd-analyze")
    for unit in (folder / "systemd").glob("*@.service"):
        said = run(systemd, "security", "--offline=true", "--no-pager", unit, cwd=folder)
        (exposure,) = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", said)
        assert float(exposure) <= 2.0, said


def test_processes_of_systemd_are_the_servers_of_nginx(folder: Path) -> None:
    text = (folder / "systemd" / "nginx.conf").read_text(encoding="utf-8")
    ports = re.findall(r"^ +server 127\.0\.0\.1:(\d+) ", text, re.MULTILINE)
    targets = list((folder / "systemd").glob("*.target"))
    assert re.findall(r"@(\d+)\.service", "".join(one.read_text() for one in targets)) == ports
    assert bool(targets) == bool(ports)


def test_compose(folder: Path) -> None:
    run(need("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "compose.yaml", cwd=folder)


@pytest.mark.parametrize("preset", ["node"])
def test_what_checks_a_deployment(folder: Path) -> None:
    """The schemas of GitHub's and GitLab's jobs, what could be stolen through a job, and pre-commit's own word."""
    schemas = need("check-jsonschema"), "--builtin-schema"
    run(*schemas, "vendor.github-workflows", ".github/workflows/nginx.yml", cwd=folder)
    run(*schemas, "vendor.gitlab-ci", "--data-transform", "gitlab-ci", ".gitlab-ci.yml", cwd=folder)
    said = run(need("zizmor"), "--offline", "--no-progress", "--persona=pedantic", ".github", cwd=folder)
    assert "No findings to report" in said
    run(need("pre-commit"), "validate-config", ".pre-commit-config.yaml", cwd=folder)


def manifests(folder: Path) -> Iterator[dict[str, Any]]:
    """What Kubernetes would get: as kubectl puts it together, or the files alone where there is none."""
    if kubectl := shutil.which("kubectl"):
        yield from yaml.safe_load_all(run(kubectl, "kustomize", "kubernetes", cwd=folder))
        return
    listed = yaml.safe_load((folder / "kubernetes" / "kustomization.yaml").read_text())
    for name in listed["resources"]:
        yield from yaml.safe_load_all((folder / "kubernetes" / name).read_text())


def test_manifests_of_kubernetes(folder: Path) -> None:
    import kubernetes_validate

    found = list(manifests(folder))
    for one in found:
        kubernetes_validate.validate(one, "1.30", strict=True)
    by_kind = {(one["kind"], one["metadata"]["name"]): one for one in found}
    services = {name for kind, name in by_kind if kind == "Service"}
    assert services == {name for kind, name in by_kind if kind == "Deployment"}
    for kind, name in by_kind:
        pod = by_kind["Deployment", name]["spec"]["template"] if kind == "Deployment" else None
        if pod is None:
            continue
        assert by_kind["Service", name]["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
        (container,) = pod["spec"]["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert {one["name"] for one in container["volumeMounts"]} == {one["name"] for one in pod["spec"]["volumes"]}
        assert container["livenessProbe"]
        assert container["readinessProbe"]
        (port,) = by_kind["Service", name]["spec"]["ports"]
        assert port["targetPort"] == container["ports"][0]["name"]
    if maps := [one for one in found if one["kind"] == "ConfigMap"]:
        assert maps[0]["data"]["nginx.conf"] == (folder / "kubernetes" / "nginx.conf").read_text(encoding="utf-8")
        (volume,) = [
            one["configMap"]["name"]
            for kind, name in by_kind
            if kind == "Deployment"
            for one in by_kind[kind, name]["spec"]["template"]["spec"]["volumes"]
            if "configMap" in one
        ]
        assert volume == maps[0]["metadata"]["name"]


def test_names_of_servers_are_names_of_services(folder: Path) -> None:
    def hosts(way: str) -> set[tuple[str, str]]:
        text = (folder / way / "nginx.conf").read_text(encoding="utf-8")
        return set(re.findall(r"^ +server ([a-z][a-z-]+):(\d+) ", text, re.MULTILINE))

    services = yaml.safe_load((folder / "compose.yaml").read_text())["services"]
    assert {name for name, _ in hosts("compose")} == set(services) - {"nginx"}
    assert set(services["nginx"]["depends_on"]) == set(services) - {"nginx"}
    of_kubernetes = {
        (one["metadata"]["name"], str(one["spec"]["ports"][0]["port"]))
        for path in (folder / "kubernetes").glob("*.yaml")
        for one in yaml.safe_load_all(path.read_text())
        if one["kind"] == "Service" and path.name != "nginx.yaml"
    }
    assert hosts("kubernetes") == of_kubernetes


def test_images_hold_what_is_started_in_them(folder: Path, preset: str) -> None:
    """As far as that can be seen without Docker: what is copied is there, and the ports are the same everywhere."""
    dockerfile = (folder / "Dockerfile").read_text(encoding="utf-8")
    for copied in re.findall(r"^COPY (\S+) ", dockerfile, re.MULTILINE):
        assert (folder / copied).exists()
        ignored = (folder / ".dockerignore").read_text().split()
        assert copied.split("/")[0] not in ignored
    (port,) = re.findall(r"^EXPOSE (\d+)$", dockerfile, re.MULTILINE)
    assert dockerfile.count(port) >= 2, "the port is asked for health"
    services = yaml.safe_load((folder / "compose.yaml").read_text())["services"]
    built = {one["build"]["target"] for one in services.values() if isinstance(one.get("build"), dict)}
    assert built <= set(re.findall(r"^FROM \S+ AS (\S+)$", dockerfile, re.MULTILINE))
    for name, one in services.items():
        if name != "nginx" and "command" in one:
            assert port in one["command"]
            assert (
                folder / next(word for word in one["command"] if "." in word or ":" in word)
            ).exists() or preset == "asgi"
    assert f":{port} " in (folder / "compose" / "nginx.conf").read_text()


def test_readme_names_only_what_is_there(folder: Path) -> None:
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)]+)\)", readme):
        assert (folder / link).exists()
    for files, conf in renderings(EVERYTHING):
        assert f"nginxgen render {' '.join(files)} -o {conf}\n" in readme
    assert "\n\n\n" not in readme
    assert "  " not in re.sub(r"^    ", "", readme, flags=re.MULTILINE)


def test_nothing_is_left_of_the_preset(preset: str) -> None:
    """Another name, host, port and nginx are taken up everywhere, and are right there too."""
    wishes = Wishes("other", "shop.example.com", 18080, "1.26")
    files = deployment_files(preset, wishes)
    for name, data in files.items():
        if name != "cluster.schema.json":
            text = data.decode()
            assert NAME not in text
            assert "example.org" not in text
            assert not re.search(r"\b8080\b", text), name
    assert b"shop.example.com" in files["nginx.conf"]
    assert b"listen 18080" in files["nginx.conf"]
    assert files["nginx.conf"].startswith(b"# Made by nginxgen")
    assert b" for nginx 1.26\n" in files["systemd/nginx.conf"]
    assert b" for nginx 1.30\n" in files["kubernetes/nginx.conf"]


@pytest.mark.parametrize("runner", [None, *Runner])
def test_only_what_is_wished_for_is_written(runner: Runner | None, preset: str) -> None:
    files = deployment_files(preset, Wishes(NAME, checkers=frozenset(), runners=frozenset({runner} if runner else ())))
    ways = {name.partition("/")[0].partition(".")[0] for name in files} & {one.value for one in Runner}
    assert ways == ({runner.value} if runner else set())
    assert ("Dockerfile" in files) == (runner in (Runner.COMPOSE, Runner.KUBERNETES))
    assert not [name for name in files if name.startswith((".git", ".pre-commit"))]
    assert not [one.value for one in Runner if one is not runner and one.value.encode() in files["README.md"].lower()]


def test_a_target_decides_the_account_of_nginx() -> None:
    def account(target: str | None) -> str:
        files = deployment_files("node", Wishes(NAME, target=target, checkers=frozenset()))
        return str(tomllib.loads(files["systemd.toml"].decode())["nginx"]["user"])

    assert [account(one) for one in (None, "1.22", "debian-12", "ubuntu-24.04")] == ["www-data"] * 4
    assert [account(one) for one in ("rhel-9", "alpine-3.22")] == ["nginx"] * 2


@pytest.mark.parametrize("target", ["1.18", "1.31.4"])
def test_every_nginx_can_what_a_preset_needs(target: str, preset: str) -> None:
    wishes = Wishes(NAME, target=target, checkers=frozenset(), runners=frozenset())
    assert f" for nginx {target}\n".encode() in deployment_files(preset, wishes)["nginx.conf"]


def test_the_same_bytes_each_time(preset: str) -> None:
    assert deployment_files(preset, EVERYTHING) == files_of(preset)
    assert not [name for name, data in files_of(preset).items() if os.getcwd().encode() in data]
