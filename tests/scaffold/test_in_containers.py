"""What containers get runs as it would there: nginx without rights, on a name server that tells where everybody is."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nginxgen.proof.binary import NginxBinary
from nginxgen.scaffold.deployment import deployment_files
from nginxgen.scaffold.presets import PRESETS
from nginxgen.scaffold.wishes import Wishes
from support.deployed import deployment, need
from support.name_server import NameServer, name_server
from support.nobody import NOBODY
from support.running import Client, end_process, free_port, recording_backend, wait_for_port, wait_until

RESOLVES_SINCE = (1, 27, 3)
WITHOUT_RIGHTS = ("--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "--no-new-privs")


@contextlib.contextmanager
def started(nginx: NginxBinary, text: str, port: int) -> Iterator[Path]:
    """An nginx on a text, under an account that may write to the folder that stands for /tmp and nowhere else."""
    with tempfile.TemporaryDirectory(prefix="nginxgen-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        scratch, said = folder / "tmp", folder / "said"
        scratch.mkdir()
        scratch.chmod(0o777)
        said.touch()
        said.chmod(0o666)
        (folder / "nginx.conf").write_text(text.replace("/tmp/", f"{scratch}/"))
        rights = [need("setpriv"), *WITHOUT_RIGHTS] if os.geteuid() == 0 else []
        command = [*rights, nginx.path, "-p", "/nonexistent", "-c", folder / "nginx.conf", "-g", "daemon off;"]
        with said.open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        try:
            try:
                wait_for_port(port, process)
            except AssertionError as problem:
                raise AssertionError(f"{problem}: {said.read_text()}") from None
            yield folder
        finally:
            end_process(process)


def prepared(folder: Path, way: str, port: int, names: NameServer, backend: int) -> str:
    """The text that containers get, with the ports and the name server of the test."""
    text = (folder / way / "nginx.conf").read_text()
    assert f"listen {port};" in text
    text = text.replace(f"listen {port};", f"listen 127.0.0.1:{port};").replace("127.0.0.11", f"127.0.0.1:{names.port}")
    return re.sub(r"(server [a-z-]+):8000\b", rf"\1:{backend}", text)


def test_compose(nginx: NginxBinary) -> None:
    if nginx.target.lowest < RESOLVES_SINCE:
        pytest.skip(
            f"containers have nginx 1.30, which resolves names at run time; nginx {nginx.target.lowest} does not"
        )
    port, backend = free_port(), free_port()
    with (
        deployment("node", "--port", str(port)) as folder,
        name_server() as names,
        recording_backend(port=backend) as recorder,
        started(nginx, prepared(folder, "compose", port, names, backend), port) as place,
    ):

        def is_answered() -> bool:
            with Client(port) as client:
                return client.get("/some/page").status == 200

        wait_until(is_answered, "the name is resolved, and the application answers")
        assert names.asked == {"app"}
        assert recorder.requests[0].line == "GET /some/page HTTP/1.1"
        wait_until(lambda: "GET /some/page" in (place / "said").read_text(), "the request is logged to standard output")
        names.address = "127.0.0.2"  # a container that was made anew; nobody listens there
        wait_until(lambda: not is_answered(), "the new address is asked")
        names.address = "127.0.0.1"
        wait_until(is_answered, "the new address is asked")


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("way", ["compose", "kubernetes"])
def test_nothing_is_written_but_below_tmp(preset: str, way: str) -> None:
    """Every path that nginx writes to: temporary files of five modules, its pid, its logs."""
    text = deployment_files(preset, Wishes("my-app"))[f"{way}/nginx.conf"].decode()
    written = re.findall(r"^ *(\w+_temp_path|pid|error_log|access_log) ([^ ;]+)[^;]*;$", text, re.MULTILINE)
    assert dict(written) == {
        "pid": "/tmp/nginx.pid",
        "error_log": "stderr",
        "access_log": "/dev/stdout",
        **{f"{one}_temp_path": f"/tmp/{one}" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")},
    }
    assert "\nuser " not in text
