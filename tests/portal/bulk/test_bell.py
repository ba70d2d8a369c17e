"""Ringing while the broker is gone: nobody waits for it."""

import socket
import threading

import pytest
from kombu.exceptions import OperationalError

from portal.celery import app


def test_who_rings_asks_a_broker_that_is_gone_once_more_and_then_gives_up() -> None:
    """Without a limit the asking goes on for six seconds, and a person's click with it."""
    met: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"redis://127.0.0.1:{server.getsockname()[1]}/0"

        def hang_up() -> None:
            while True:
                try:
                    caller, _ = server.accept()
                except OSError:
                    return
                met.append("called")
                caller.close()

        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(OperationalError):
            _ = app.connection_for_write(url=address).default_channel
        server.shutdown(socket.SHUT_RDWR)
    assert met == ["called", "called"]
