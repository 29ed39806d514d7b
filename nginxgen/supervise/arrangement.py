"""An explicit cluster as it runs under the supervisor, without rights and in the run folder.

Its logs go to the supervisor, and a socket tells which generation it is.
What a file says of its main process, its logs and its temporary files is for the machine that it is written for.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TypeVar

from nginxgen.conf.target import Target
from nginxgen.conf.tree import Directive
from nginxgen.errors import NginxgenError
from nginxgen.model.cluster import Cluster
from nginxgen.model.http import Http
from nginxgen.model.location import Location
from nginxgen.model.main import Nginx
from nginxgen.model.records import AccessLog, ErrorLog, LogFormat, Return
from nginxgen.model.server import Listen, Server
from nginxgen.supervise.files import with_absolute_files
from nginxgen.supervise.traffic import LOG_FORMAT, LOG_FORMAT_NAME

TAG = "nohostname,tag=nginxgen"
_Level = TypeVar("_Level", Server, Location)
_TEMPORARY = ("client_body", "proxy")
_TEMPORARY_WITHOUT_FIELD = ("fastcgi", "uwsgi", "scgi")
_ASKING = ("proxy", "fastcgi", "uwsgi", "grpc")
_MAIN_OF_ITS_OWN = ("pid", "lock_file", "daemon", "master_process", "error_log")


class Arrangement:
    """Where everything of one run is."""

    def __init__(self, folder: Path, base: Path, port_offset: int = 0) -> None:
        self.folder = folder
        self.base = base
        """The folder of the cluster's file, from which relative paths count."""
        self.port_offset = port_offset

    @property
    def requests(self) -> Path:
        """The socket that gets a datagram for each request."""
        return self.folder / "requests.sock"

    @property
    def errors(self) -> Path:
        """The socket that gets a datagram for each of nginx's messages."""
        return self.folder / "errors.sock"

    def generation_socket(self, number: int) -> Path:
        """The socket on which the nginx of that number tells its generation."""
        return self.folder / f"generation-{number}.sock"

    def arrange(self, explicit: Cluster, number: int, target: Target) -> Cluster:
        """The cluster as the nginx of that number gets it, which is of that version."""
        servers = tuple(self._server(one) for one in explicit.server)
        main = with_absolute_files(self._main(explicit.nginx), self.base)
        http = with_absolute_files(self._http(explicit, target), self.base)
        arranged = explicit.but(nginx=main, http=http, server=servers)
        told = generation(arranged)
        return arranged.but(server=(*servers, self._teller(number, told)))

    def _main(self, nginx: Nginx) -> Nginx:
        said = {name: value for name, value in nginx.said().items() if name not in _MAIN_OF_ITS_OWN}
        if os.geteuid() != 0:
            said.pop("user", None)
        level = next((one.level for one in nginx.error_log), None) or "error"
        log = ErrorLog.trusted({"target": f"syslog:server=unix:{self.errors},{TAG}", "level": level})
        # Without a file among its logs nginx opens its own one too, which the supervisor would have to read as well.
        nowhere = ErrorLog.trusted({"target": "/dev/null", "level": "crit"})
        return Nginx.trusted({**said, "error_log": (log, nowhere)})

    def _http(self, explicit: Cluster, target: Target) -> Http:
        http = explicit.http
        said = http.said()
        formats = {**http.log_format, LOG_FORMAT_NAME: LogFormat.trusted({"escape": "json", "format": (LOG_FORMAT,)})}
        said |= {"log_format": formats, "access_log": (self._access_log(),), "error_log": ()}
        for kind in _TEMPORARY:
            said[f"{kind}_temp_path"] = (str(self.folder / f"{kind}_temp"),)
        for kind in _ASKING if (tries := _tries(explicit)) else ():
            if target.has(f"{kind}_next_upstream_tries", "http"):
                said.setdefault(f"{kind}_next_upstream_tries", tries)
        others = [f"{kind}_temp_path" for kind in _TEMPORARY_WITHOUT_FIELD]
        wanted = [name for name in others if target.has(name, "http")]
        kept = tuple(one for one in http.directives if one.name not in others)
        said["directives"] = kept + tuple(Directive(name, (str(self.folder / name),)) for name in wanted)
        return Http.trusted(said)

    def _access_log(self) -> AccessLog:
        return AccessLog.trusted({"path": f"syslog:server=unix:{self.requests},{TAG}", "format": LOG_FORMAT_NAME})

    def _server(self, server: Server) -> Server:
        listens = tuple(self._moved(one) for one in server.listen or (Listen.trusted({"address": "80"}),))
        return self._level(server).but(listen=listens)

    def _level(self, level: _Level) -> _Level:
        """A server or location with those inside it; requests are logged as http's are, unless its log is off."""
        is_off = any(one.path == "off" for one in level.access_log)
        inner = tuple(map(self._level, level.location))
        made = level.but(access_log=level.access_log if is_off else (), error_log=(), location=inner)
        return with_absolute_files(made, self.base)

    def _moved(self, listen: Listen) -> Listen:
        if not self.port_offset or listen.address.startswith("unix:"):
            return listen
        address = re.sub(r"(?:^|:)\d+$", "", listen.address)
        found = re.search(r"(?:^|:)(\d+)$", listen.address)
        if address.startswith("[") and not address.endswith("]"):  # an IPv6 address without a port
            address, found = listen.address, None
        said = int(found[1] if found else 80)
        if (port := said + self.port_offset) > 65535:
            raise NginxgenError(f"ports end at 65535, and {said} + {self.port_offset} is beyond; use a smaller offset")
        return listen.but(address=f"{address}:{port}" if address else str(port))

    def _teller(self, number: int, told: str) -> Server:
        return Server.trusted(
            {
                "listen": (Listen.trusted({"address": f"unix:{self.generation_socket(number)}"}),),
                "access_log": (AccessLog.trusted({"path": "off"}),),
                "return_": Return.trusted({"code": 200, "text": told}),
            }
        )


def generation(explicit: Cluster) -> str:
    """What stands for a cluster in answers: the same for the same cluster, another for another one."""
    return hashlib.sha256(repr(explicit).encode()).hexdigest()[:16]


def _tries(explicit: Cluster) -> int:
    """How many servers may be asked, where groups have a server as its own backup: each of them, and that one again.

    Kept connections that have died do not count for nginx. Without a limit a request that ends every process which gets
    it would end as many as there are backups. 0 when there are none.
    """
    groups = [[one.address for one in upstream.servers] for upstream in explicit.upstream.values()]
    return max((1 + len(set(one)) for one in groups if len(set(one)) < len(one)), default=0)
