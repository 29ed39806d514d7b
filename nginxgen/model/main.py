"""What stands outside http: the nginx that is meant, its processes, its logs."""

import re
from typing import Annotated, Literal

from nginxgen.model.block import block, directive, intent
from nginxgen.model.hatch import Open
from nginxgen.model.kind import Kind, NotValid, one_of
from nginxgen.model.records import ErrorLog, ThreadPool, UserAccount
from nginxgen.model.values import (
    Duration,
    Environment,
    File,
    IncludedFile,
    NetworkOrAll,
    Offset,
    Positive,
    Word,
)


def _processes(value: str) -> str:
    if not re.fullmatch("auto|[1-9][0-9]{0,4}", value):
        raise NotValid(f"{value!r} is no number of processes", "write a number, or auto for one on each core")
    return value


def _niceness(value: str) -> str:
    if not re.fullmatch("-?(?:1?[0-9]|20)", value):
        raise NotValid(f"{value!r} is no priority", "write a number from -20 to 20")
    return value


Processes = Annotated[str, Kind("a number of processes", _processes, "integer", numbers=True)]
Niceness = Annotated[str, Kind("a priority", _niceness, "integer", numbers=True)]
_mask = one_of("auto", pattern="[01]{1,1024}", form="a digit for each core such as 0101")
CpuMask = Annotated[str, Kind("a mask of cores", _mask, "header_value")]


class Events(Open):
    """How workers wait for connections."""

    worker_connections: Positive | None = directive("Connections that a worker may have open, to clients and backends.")
    multi_accept: bool | None = directive("Whether a worker accepts all that wait at once.")
    use: Literal["select", "poll", "kqueue", "epoll", "/dev/poll", "eventport"] | None = directive(
        "How workers wait for connections."
    )
    accept_mutex: bool | None = directive("Whether workers accept in turn.")
    accept_mutex_delay: Duration | None = directive("For how long a worker waits for its turn.")
    debug_connection: tuple[NetworkOrAll, ...] = directive("Clients for which debug messages are written.", each=True)
    worker_aio_requests: Positive | None = directive("Asynchronous reads that a worker may have running.")


class Nginx(Open):
    """The main level, and which nginx the file is written for."""

    target: Word | None = intent("The nginx that reads the file: 1.22, 1.31.4, debian-12, or any (the default).")

    load_module: tuple[IncludedFile, ...] = directive("Dynamic modules to load.", placed=True, each=True)
    include: tuple[IncludedFile, ...] = directive("Files to read at this place.", each=True)
    user: UserAccount | None = directive("The account under which workers run.")
    worker_processes: Processes | None = directive("How many workers there are; auto is one for each core.")
    worker_cpu_affinity: tuple[CpuMask, ...] = directive("Which worker runs on which cores, or auto.")
    worker_priority: Niceness | None = directive("The workers' priority, as nice(1) has it.")
    worker_rlimit_nofile: Positive | None = directive("How many files a worker may have open.")
    worker_rlimit_core: Offset | None = directive("How large a worker's core file may be.")
    worker_shutdown_timeout: Duration | None = directive("After which time a reload ends what old workers still do.")
    error_log: tuple[ErrorLog, ...] = directive("Where errors are written.")
    pid: File | None = directive("The file that holds the main process's number.")
    lock_file: File | None = directive("The beginning of the names of lock files.")
    daemon: bool | None = directive("Whether nginx goes into the background.")
    master_process: bool | None = directive("Whether there are workers at all.")
    pcre_jit: bool | None = directive("Whether regular expressions are compiled to machine code.")
    thread_pool: tuple[ThreadPool, ...] = directive("Threads for reading files.")
    timer_resolution: Duration | None = directive("How often the time is looked up.")
    working_directory: File | None = directive("Where workers' core files go.")
    env: tuple[Environment, ...] = directive("Variables of the environment that workers keep.", each=True)
    debug_points: Literal["abort", "stop"] | None = directive("What happens on internal errors, for debugging.")
    events: Events = block("How workers wait for connections.")
