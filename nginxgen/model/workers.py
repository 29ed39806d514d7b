"""Backends that nginxgen itself starts: what runs, where it listens, how it is asked and how it ends."""

import re
from typing import Annotated, Any, Literal

from nginxgen.model.block import Block, intent
from nginxgen.model.kind import Kind, NotValid
from nginxgen.model.record import Record
from nginxgen.model.text import any_text
from nginxgen.model.values import Account, Count, Duration, Environment, File, Literally, Positive

PLACES = ("fd", "socket", "port")
"""How a command is told where to listen, best first: a socket that is held for it, a file, a number."""


def _count(value: str) -> str:
    if not re.fullmatch("auto|0|[1-9][0-9]{0,3}", value):
        raise NotValid(f"{value!r} is no number of workers", "write a number, or auto for one on each core")
    return value


def _ports(value: str) -> str:
    found = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", value)
    if not found or not 0 < int(found[1]) <= int(found[2] or found[1]) < 65536:
        raise NotValid(f"{value!r} is no range of ports", 'write "8100-8199", or 8100 for that one and those behind it')
    return value


def _command_word(value: str) -> str:
    for name in re.findall(r"(?<!\{)\{(\w+)\}(?!\})", any_text(value)):
        if name not in (*PLACES, "index"):
            raise NotValid(f"{{{name}}} stands for nothing", "there are {port}, {socket}, {fd} and {index}")
    return value


WorkerCount = Annotated[str, Kind("a number of workers", _count, "integer", numbers=True)]
Ports = Annotated[str, Kind("a range of ports", _ports, "listen", numbers=True)]
CommandWord = Annotated[str, Kind("a word of a command", _command_word, "header_value")]
Signal = Literal["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGKILL"]
RequestPath = Annotated[str, Kind("a path to ask for", any_text, "redirect_url")]


class Probe(Record):
    """How a backend is asked whether it works: by a connection, or by a request when there is a path."""

    path: RequestPath | None = intent("What is asked for; without it a connection is enough.")
    status: Positive | None = intent("The status that is expected; any below 400 unless said.")
    interval: Duration | None = intent("How often the backend is asked; 2s unless said.")
    timeout: Duration | None = intent("For how long an answer is waited for; 2s unless said.")
    rise: Positive | None = intent("How many answers in a row make it one that works; 2 unless said.")
    fall: Positive | None = intent("How many failures in a row make it one that does not; 3 unless said.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else {} if value is True else value

    def __bool__(self) -> bool:
        return True

    def problem(self) -> str | None:
        if self.status and not 100 <= self.status <= 599:
            return "a status is a number from 100 to 599"
        if self.path and not self.path.startswith("/"):
            return "a path begins with /"
        return None


class Workers(Block):
    """The processes of a group, which ``nginxgen up`` starts and keeps alive."""

    command: Annotated[
        tuple[CommandWord, ...], intent("What is run, word by word, by no shell; {port}, {socket}, {fd}.")
    ]
    count: WorkerCount | None = intent(
        "How many there are; auto is one for each core, 0 none here, and 1 what is not said."
    )
    port: Ports | None = intent("The ports they listen on; any that are free unless said.")
    cwd: File | None = intent("The folder they run in; that of the file unless said.")
    env: dict[Environment, Literally] = intent("Variables of the environment that they get.")
    env_file: File | None = intent("A file with such variables, NAME=value in each line.")
    user: Account | None = intent("The account they run under, when nginxgen runs as root.")
    ready: Probe | None = intent("How a new worker is asked whether it works.")
    ready_timeout: Duration | None = intent("For how long a new worker may take until it works; 30s unless said.")
    alive: Probe | None = intent("How a worker is asked whether it still works; one that does not is replaced.")
    stop_signal: Signal | None = intent("The signal that tells a worker to end; SIGTERM unless said.")
    grace: Duration | None = intent("For how long a worker may take to end before it is killed; 10s unless said.")
    restart_delay: Duration | None = intent(
        "How long after a crash a worker is started again, the first time; 100ms unless said."
    )
    restart_delay_max: Duration | None = intent(
        "How long at most, when a worker crashes again and again; 30s unless said."
    )
    crashes: Count | None = intent("After how many crashes in a row it is called a loop; 5 unless said.")

    @property
    def place(self) -> str:
        """How the command learns where to listen: ``fd``, ``socket``, ``port``, or ``listen_fds`` as with systemd."""
        words = " ".join(self.command)
        return next((one for one in PLACES if f"{{{one}}}" in words), "listen_fds")

    def problem(self) -> str | None:
        if not self.command[0]:
            return "a command begins with a program"
        if len(self.command) == 1 and " " in self.command[0].strip():
            words = ", ".join(f'"{one}"' for one in self.command[0].split())
            return f"a command is a list of words, which no shell splits: write [{words}]"
        if self.ready and (self.ready.interval or self.ready.rise or self.ready.fall):
            return "ready is asked until the first good answer: it has no interval, rise or fall"
        if self.alive and self.alive.rise:
            return "alive has no rise: a worker that fails is replaced, and does not come back"
        if self.port and self.place == "socket":
            return "a command with {socket} listens on no port"
        first, _, last = (self.port or "").partition("-")
        if last and self.count not in (None, "auto") and int(last) - int(first) + 1 < int(self.count or 1):
            return f"there are fewer ports in {self.port} than workers"
        return None
