"""A TCP proxy before PostgreSQL that cuts the connection when the server has answered a COMMIT, before it is passed on.

Only transactions that wrote to the audit log count: these are the intents and the results.
"""

import select
import socket
import threading
from typing import Self

TELLS = b'INSERT INTO "audit_entry"'
COMMIT = b"COMMIT\x00"
SIZE = 65536


class Cutter:
    def __init__(self, server: tuple[str, int], every: int) -> None:
        self._server, self._every = server, every
        self._lock = threading.Lock()
        self._seen = 0
        self.cut = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        told = False
        with client, socket.create_connection(self._server) as server:
            while True:
                ready, _, _ = select.select([client, server], [], [])
                if client in ready:
                    asked = client.recv(SIZE)
                    if not asked:
                        return
                    server.sendall(asked)
                    told = told or TELLS in asked
                    if COMMIT in asked:
                        if told and self._turn():
                            server.recv(SIZE)  # carried out
                            return
                        told = False
                if server in ready:
                    answer = server.recv(SIZE)
                    if not answer:
                        return
                    client.sendall(answer)

    def _turn(self) -> bool:
        with self._lock:
            self._seen += 1
            self.cut += self._seen % self._every == 0
            return self._seen % self._every == 0
