"""What the client costs per call, beside a bare requests.Session that signs every call with PyJWT.

Run: python -m benchmarks.client_overhead [calls]. Each talks to a small server of its own in another process, first in
the clear, then over TLS with a certificate made for the run; rounds alternate, and the medians of the rounds are
compared. The goal is a ratio of at most 1.1 for a GET. Where the public client zoomus can be imported (pip install
--no-deps --target FOLDER zoomus; PYTHONPATH=FOLDER), it is measured beside them.
"""

import importlib
import importlib.util
import multiprocessing
import os
import socket
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import jwt
import requests

from tests.zoomapi.client.certificates import self_signed
from zoomapi.client import JwtAuth, ZoomClient
from zoomapi.client.permits import Unlimited
from zoomapi.client.transport import Transport

KEY, SECRET = "key", "a-secret-of-more-than-thirty-two-bytes"
ROUNDS = 9
# The token is for the public client, which asks for one.
BODY = (
    b'{"id": "u1", "first_name": "Ada", "last_name": "L", "email": "ada@example.com", "type": 2, "access_token": "t"}'
)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=utf-8\r\nDate: Sun, 01 Jul 2018 10:00:00 GMT\r\n"
ANSWER += f"Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY


def serve(pipe: Connection, pem: Path | None) -> None:
    """Answer every request on each connection in turn, as cheaply as can be."""
    listener = socket.create_server(("127.0.0.1", 0))
    context = None
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
    pipe.send(listener.getsockname()[1])
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        held = b""
        with context.wrap_socket(connection, server_side=True) if context else connection as stream:
            while data := stream.recv(65536):
                held += data
                while b"\r\n\r\n" in held:
                    held = held.partition(b"\r\n\r\n")[2]
                    stream.sendall(ANSWER)


def bare(base_url: str, pem: Path | None) -> Callable[[], None]:
    session = requests.Session()
    session.trust_env = False
    session.verify = str(pem) if pem else True

    def call() -> None:
        token = jwt.encode({"iss": KEY, "exp": int(time.time()) + 60}, SECRET, algorithm="HS256")
        headers = {"Authorization": f"Bearer {token}"}
        answer = session.get(f"{base_url}/users/u1", headers=headers, params={"login_type": "100"}, timeout=20)
        answer.raise_for_status()
        assert answer.json()["id"] == "u1"

    return call


def ours(base_url: str, pem: Path | None) -> Callable[[], None]:
    transport = Transport(base_url, ca_file=str(pem) if pem else "")
    zoom = ZoomClient(base_url, JwtAuth(KEY, SECRET), permits=Unlimited(), transport=transport)

    def call() -> None:
        assert zoom.users.get("u1", login_type="100")["id"] == "u1"

    return call


def public(base_url: str, pem: Path | None) -> Callable[[], None]:
    """zoomus, which opens a connection for every call."""
    if pem:
        os.environ["REQUESTS_CA_BUNDLE"] = str(pem)
    made = importlib.import_module("zoomus").ZoomClient(KEY, SECRET, "a", base_uri=base_url, oauth_uri=f"{base_url}/t")

    def call() -> None:
        assert made.user.get(id="u1", login_type="100").json()["id"] == "u1"

    return call


def microseconds(call: Callable[[], None], calls: int) -> float:
    began = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - began) / calls * 1e6


def compare(calls: int, pem: Path | None) -> float:
    """Measure all in turn; return how much longer a call of ours takes than a bare one."""
    here, there = multiprocessing.Pipe()
    makers = {"bare session + jwt": bare, "ZoomClient": ours}
    if importlib.util.find_spec("zoomus"):
        makers["zoomus"] = public
    servers, contenders = [], {}
    for name, make in makers.items():
        server = multiprocessing.Process(target=serve, args=(there, pem), daemon=True)
        server.start()
        servers.append(server)
        contenders[name] = make(f"{'https' if pem else 'http'}://127.0.0.1:{here.recv()}/v2", pem)
    totals: dict[str, list[float]] = {name: [] for name in contenders}
    for call in contenders.values():
        microseconds(call, 50)
    for _ in range(ROUNDS):
        for name, call in contenders.items():
            totals[name].append(microseconds(call, calls))
    for server in servers:
        server.terminate()
    medians = {name: statistics.median(times) for name, times in totals.items()}
    base = medians["bare session + jwt"]
    for name, median in medians.items():
        print(f"{'TLS  ' if pem else 'clear'} {name:24}{median:10.0f} µs a call   {median / base:.2f}")
    return medians["ZoomClient"] / base


def main(calls: int) -> float:
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        return max(compare(calls, pem) for pem in (None, self_signed(Path(folder))))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
