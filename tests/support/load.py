"""Clients that ask without end and count what goes wrong; a request that fails is not sent again."""

from __future__ import annotations

import select
import threading
from collections import Counter
from operator import ge

from support.running import Client, wait_until


class Load:
    """Clients that keep their connections, each sending its next request when the last was answered.

    A connection that the server has closed before a request was sent is replaced, as any client would; whatever
    fails after that is counted under the error's name, answers under their status.
    """

    def __init__(self, port: int, clients: int = 4, method: str = "GET") -> None:
        self.port = port
        self.method = method
        self.counted: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._ended = [0] * clients
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(number,), daemon=True) for number in range(clients)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(30)

    def wait_for(self, requests: int) -> None:
        """Wait until so many more requests of each client have ended, well or badly: none of before is under way."""
        enough = [ended + requests for ended in self._ended]
        wait_until(lambda: all(map(ge, self._ended, enough)), f"{requests} more requests of each client")

    @property
    def failed(self) -> dict[str, int]:
        """What went wrong, and how often."""
        return {what: count for what, count in self.counted.items() if what != "200"}

    def _ask(self, number: int) -> None:
        client: Client | None = None
        while not self._stopping.is_set():
            try:
                if client is None or _is_closed(client):
                    client = _replaced(client, self.port)
                answer = client.get(method=self.method)
            except OSError as problem:
                self._count(number, type(problem).__name__)
                client = _replaced(client, None)
                continue
            self._count(number, str(answer.status))
            if answer.get("Connection") == ["close"]:
                client = _replaced(client, None)
        _replaced(client, None)

    def _count(self, number: int, what: str) -> None:
        with self._counting:
            self.counted[what] += 1
            self._ended[number] += 1


def _replaced(client: Client | None, port: int | None) -> Client | None:
    if client:
        client.__exit__()
    return None if port is None else Client(port)


def _is_closed(client: Client) -> bool:
    """Whether the server has already ended the connection; it says nothing unasked."""
    return bool(select.select([client.socket], [], [], 0)[0])
