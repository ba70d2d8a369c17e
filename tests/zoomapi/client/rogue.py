"""An HTTP server that answers by script, byte by byte where a fault needs it."""

import json
import os
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Script = Callable[[socket.socket, "Seen"], None]


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    def json(self) -> Any:
        return json.loads(self.body)


class Rogue:
    """Answers the n-th request with the n-th script; the last script goes on for ever. Default: ``{}``."""

    def __init__(self, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self._tls = tls
        self.seen: list[Seen] = []
        self.slept: list[float] = []
        self.connections = 0
        self._scripts: deque[Script] = deque()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    @property
    def base_url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}/v2"

    def script(self, *scripts: Script) -> None:
        self._scripts = deque(scripts)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for connection in self._open:
            connection.close()

    def _accept(self) -> None:
        workers = []
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                break
            self.connections += 1
            self._open.append(connection)
            workers.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
            workers[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            stream = connection.makefile("rb")
            while seen := _request(stream):
                self.seen.append(seen)
                script = self._scripts.popleft() if len(self._scripts) > 1 else (self._scripts or [ok({})])[0]
                script(connection, seen)
        except OSError:
            pass  # the client hung up, or the script did


def _request(stream: Any) -> Seen | None:
    line = stream.readline().decode()
    if not line:
        return None
    method, url, _ = line.split(" ", 2)
    headers = {}
    while line := stream.readline().decode().strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Seen(method, url, headers, stream.read(int(headers.get("content-length", 0))))


def raw(status: int, body: bytes, kind: str = "application/json", **headers: str) -> bytes:
    """Return a whole answer; header names are given with underscores."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def ok(data: Any, status: int = 200, **headers: str) -> Script:
    return send(raw(status, json.dumps(data).encode(), **headers))


def no_content() -> Script:
    return send(b"HTTP/1.1 204 No Content\r\n\r\n")


def fail(status: int, code: int = 0, message: str = "No.", **headers: str) -> Script:
    return ok({"code": code, "message": message}, status, **headers)


def html(status: int) -> Script:
    return send(raw(status, b"<html><b>secret-looking page</b></html>", "text/html"))


def send(answer: bytes) -> Script:
    return lambda connection, seen: connection.sendall(answer)


def reset(after: bytes = b"") -> Script:
    """Send these bytes, then tear the connection down with an RST."""

    def run(connection: socket.socket, seen: Seen) -> None:
        connection.sendall(after)
        time.sleep(0.05)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())  # close() would wait for the reading side

    return run


def close(after: bytes = b"") -> Script:
    """Send these bytes, then end the connection politely."""

    def run(connection: socket.socket, seen: Seen) -> None:
        connection.sendall(after)
        connection.shutdown(socket.SHUT_RDWR)

    return run


def drip(answer: bytes, pause: float) -> Script:
    """Send one byte at a time."""

    def run(connection: socket.socket, seen: Seen) -> None:
        for number in range(len(answer)):
            connection.sendall(answer[number : number + 1])
            time.sleep(pause)

    return run


def silence(seconds: float) -> Script:
    return lambda connection, seen: time.sleep(seconds)
