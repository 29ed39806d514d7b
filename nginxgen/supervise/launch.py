"""Becomes a worker: run as ``python -I -S launch.py SPEC``, it arranges the process and turns into the command.

It is a program of its own because a fork of the supervisor would have its threads and sockets, and because
``LISTEN_PID`` is known only inside the new process. Uses the standard library alone, so that it starts in 15 ms.
SPEC is JSON: ``argv``, ``cwd``, ``user`` or null, ``listen`` (a socket that becomes number 3) or null, and ``parent``
(the supervisor's pid). The command gets this program's environment, which, unlike SPEC, only its owner can see.
"""

import ctypes
import json
import os
import pwd
import signal
import sys
import warnings  # noqa: F401 (os.execvpe imports it, when this process may no more read where it lies)

PR_SET_PDEATHSIG = 1
FIRST_SOCKET = 3
"""The number that systemd's protocol gives the first socket (sd_listen_fds(3))."""
CANNOT_RUN = 127


def main() -> None:
    """Arrange everything, then become the command."""
    spec = json.loads(sys.argv[1])
    environment = dict(os.environ)
    if spec["listen"] is not None:
        if spec["listen"] != FIRST_SOCKET:
            os.dup2(spec["listen"], FIRST_SOCKET)
            os.close(spec["listen"])
        os.set_inheritable(FIRST_SOCKET, True)
        environment |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    os.chdir(spec["cwd"])
    if spec["user"] is not None:
        account = pwd.getpwnam(spec["user"])
        os.initgroups(account.pw_name, account.pw_gid)
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    # The guardian ends what is left when the supervisor is killed; this is for the case that it was killed as well.
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != spec["parent"]:
        sys.exit(CANNOT_RUN)
    for number in (signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.execvpe(spec["argv"][0], spec["argv"], environment)


if __name__ == "__main__":
    try:
        main()
    except (OSError, KeyError) as problem:
        spec = json.loads(sys.argv[1])
        reason = problem.strerror if isinstance(problem, OSError) else f"there is no account {spec['user']}"
        sys.stderr.write(f"nginxgen: {spec['argv'][0]} cannot be run: {reason}\n")
        sys.exit(CANNOT_RUN)
