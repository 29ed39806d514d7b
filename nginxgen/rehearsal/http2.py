"""HTTP/2 as a backend and as a client speak it: one exchange after the other on a connection.

`h2` keeps the state of the protocol; here are the sockets, and bodies that wait until the other side has room for them.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from io import BufferedReader
from typing import NamedTuple

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    RequestReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes

from nginxgen.rehearsal.streams import HTTP2_PREFACE, Broken, Headers, NoHttp2

_AT_ONCE = 1 << 16
_FRAME_HEAD, _GOAWAY = 9, 7
"""The length of a frame's head, and the kind of the frame that announces the end (RFC 9113, 4.1 and 6.8)."""


class Answer(NamedTuple):
    """What a backend answers."""

    headers: Headers
    """With ``:status`` before them, all names in small letters."""
    body: bytes
    trailers: Headers


def serve(client: socket.socket, stream: BufferedReader, answer: Callable[[Headers, bytes], Answer | None]) -> None:
    """Answer the requests of a connection until it ends.

    Args:
        client: who is answered.
        stream: what it says, behind the head that is `HTTP2_PREFACE`.
        answer: gets a request's headers, with pseudo-headers and trailers, and its body; nothing ends the connection.

    Raises:
        Broken: when that is no HTTP/2.
    """
    talk = _Talk(client, stream, is_client=False)
    talk.hear(f"{HTTP2_PREFACE}\r\n\r\n".encode())
    while (number := talk.next_ended()) is not None:
        if (found := answer(*talk.take(number))) is None:
            return
        talk.say(number, found)


def ask(server: socket.socket, stream: BufferedReader, headers: Headers, body: bytes) -> tuple[Headers, bytes] | None:
    """Send a request and get its answer: headers, with ``:status`` and trailers, and body; None when there is none.

    Raises:
        Broken: when the answer is no HTTP/2, or ends in its middle.
        NoHttp2: when the answer is that of HTTP/1.
    """
    talk = _Talk(server, stream, is_client=True)
    talk.say(1, Answer(headers, body, []))
    number = talk.next_ended()
    if number is None and talk.is_in_middle:
        raise Broken("the body ends in its middle")
    return None if number is None else talk.take(number)


class _Talk:
    """A connection: what was said on each of its streams, and what waits to be said."""

    def __init__(self, other: socket.socket, stream: BufferedReader, is_client: bool) -> None:
        # Whatever comes is taken, and whatever a test says is sent: what is right is for nginx to say.
        settings = H2Configuration(
            client_side=is_client,
            header_encoding="latin-1",
            validate_inbound_headers=False,
            validate_outbound_headers=False,
        )
        self._other = other
        self._stream = stream
        self._state = H2Connection(settings)
        self._heard: dict[int, tuple[Headers, bytearray]] = {}
        self._ended: list[int] = []
        self._waiting: dict[int, tuple[bytes, Headers]] = {}
        self._is_over = False
        self._unread = b""
        self._state.initiate_connection()
        if is_client:  # what was not asked for would be taken for the answer
            self._state.update_settings({SettingCodes.ENABLE_PUSH: 0})

    @property
    def is_in_middle(self) -> bool:
        """Whether something was said whose end was not heard."""
        return bool(self._heard)

    def take(self, number: int) -> tuple[Headers, bytes]:
        """What was said on a stream that has ended."""
        headers, body = self._heard.pop(number)
        return headers, bytes(body)

    def next_ended(self) -> int | None:
        """The next stream on which all was said; None when the connection ends before."""
        while not self._ended:
            self._send()
            data = b"" if self._is_over else self._stream.read1(_AT_ONCE)
            if not data:
                return None
            self.hear(data)
        return self._ended.pop(0)

    def hear(self, data: bytes) -> None:
        """Take what the other side said."""
        with _refusals():
            for event in self._state.receive_data(self._heeded(data)):
                self._note(event)

    def _heeded(self, data: bytes) -> bytes:
        """What h2 is to hear: all that a client says; of a server no announcement that it will close the connection.

        The requests it has taken are answered behind it (keepalive_requests), where h2 hears nothing any more.
        """
        if not self._state.config.client_side:
            return data
        self._unread += data
        if self._unread.startswith(b"HTTP/"):
            raise NoHttp2
        heeded = b""
        while len(self._unread) >= _FRAME_HEAD:
            end = _FRAME_HEAD + int.from_bytes(self._unread[:3])
            if len(self._unread) < end:
                break
            if self._unread[3] != _GOAWAY:
                heeded += self._unread[:end]
            self._unread = self._unread[end:]
        return heeded

    def _note(self, event: object) -> None:
        match event:
            case RequestReceived() | ResponseReceived():
                self._heard[event.stream_id] = ([_pair(one) for one in event.headers], bytearray())
            case TrailersReceived():
                self._heard[event.stream_id][0].extend(_pair(one) for one in event.headers)
            case DataReceived():
                self._heard[event.stream_id][1].extend(event.data)
                self._state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case StreamEnded():
                self._ended.append(event.stream_id)
            case StreamReset():
                self._waiting.pop(event.stream_id, None)
                self._is_over = self._is_over or self._state.config.client_side
            case ConnectionTerminated():
                self._is_over = True

    def say(self, number: int, said: Answer) -> None:
        """Send headers, a body and trailers on a stream, as far as there is room for them now."""
        is_whole = not said.body and not said.trailers
        with _refusals():
            self._state.send_headers(number, said.headers, end_stream=is_whole)
        if not is_whole:
            self._waiting[number] = (said.body, said.trailers)
        self._send()

    def _send(self) -> None:
        with _refusals():
            for number in list(self._waiting):
                self._go_on(number, *self._waiting.pop(number))
        with contextlib.suppress(OSError):  # nginx may answer, and close, before it has read everything
            self._other.sendall(self._state.data_to_send())

    def _go_on(self, number: int, body: bytes, trailers: Headers) -> None:
        while body and (room := self._room(number)):
            part, body = body[:room], body[room:]
            self._state.send_data(number, part, end_stream=not body and not trailers)
        if body:
            self._waiting[number] = (body, trailers)
        elif trailers:
            self._state.send_headers(number, trailers, end_stream=True)

    def _room(self, number: int) -> int:
        return min(self._state.local_flow_control_window(number), self._state.max_outbound_frame_size)


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """What h2 does not let pass, in our words."""
    try:
        yield
    except ProtocolError as problem:
        raise Broken(str(problem) or type(problem).__name__) from None


def _pair(header: tuple[bytes, bytes] | tuple[str, str]) -> tuple[str, str]:
    name, value = header
    return str(name), str(value)
