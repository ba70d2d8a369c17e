"""The parts of this portal, built from its settings."""

import re
import shlex
import sys
from dataclasses import dataclass

from django.conf import settings

from portal.supervisor.part import Part, answers_http, port_problem
from portal.supervisor.valkey import embedded_valkey, pid_of_ours

VALKEY_FOLDER = "valkey"


def valkey() -> Part | None:
    """The embedded broker, unless the environment names another."""
    return (
        embedded_valkey(settings.VALKEY_PORT, settings.DATA_DIR / VALKEY_FOLDER) if settings.EMBEDDED_VALKEY else None
    )


def sandbox(key: str, secret: str) -> Part:
    return Part(
        name="sandbox",
        argv=_python(
            *("zoomapi.sandbox", "--port", str(settings.SANDBOX_PORT), "--world", "demo"),
            *("--database", str(settings.DATA_DIR / "sandbox.sqlite3")),
            *shlex.split(settings.SANDBOX_FLAGS),
        ),
        # Not as arguments: the list of processes is open to every user of the machine.
        env={
            "SANDBOX_API_KEY": key,
            "SANDBOX_API_SECRET": secret,
            "DJANGO_SETTINGS_MODULE": "zoomapi.sandbox.settings",
        },
        folder=settings.BASE_DIR,
        ready_line=re.compile(r"^ready\b"),
        grace=1.5,
    )


def web() -> Part:
    return Part(
        name="web",
        argv=_python(
            *("gunicorn", "portal.wsgi:application", "--bind", f"127.0.0.1:{settings.PORT}"),
            *("--worker-class", "gthread", "--workers", str(settings.WEB_PROCESSES), "--threads", "8"),
            *("--timeout", "60", "--graceful-timeout", "2", "--no-control-socket", "--log-level", "warning"),
        ),
        folder=settings.BASE_DIR,
        ready_check=answers_http(settings.PORT),
        grace=2.5,
    )


def worker() -> Part:
    # Three seconds are enough for a call that goes well. One that is cut off is found again and resolved, as after
    # any crash, so an operator who presses Ctrl-C need not wait for the longest possible call.
    return Part(
        name="worker",
        argv=_celery("worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle"),
        folder=settings.BASE_DIR,
        ready_line=re.compile(r" ready\.$"),
        # Each task says so when it comes and when it went well, the sweep every ten seconds. Failures are shown.
        hush=re.compile(r" INFO celery\.(worker\.strategy|app\.trace) Task "),
        grace=3.0,
    )


def beat() -> Part:
    return Part(
        name="beat",
        argv=_celery("beat", "--loglevel", "WARNING", "--pidfile", ""),
        folder=settings.BASE_DIR,
        grace=1.0,
    )


def _celery(*words: str) -> tuple[str, ...]:
    # Tasks travel as JSON, so a worker run by root is no more dangerous than the rest of a portal run by root.
    calm = ("-W", "ignore:You're running the worker with superuser privileges")
    return (sys.executable, *calm, "-m", "celery", "--app", "portal", "--quiet", *words)


def _python(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *words)


@dataclass(frozen=True)
class Port:
    number: int
    variable: str
    part: str


def port_problems() -> list[str]:
    """Say what keeps the parts from listening, one sentence a port; an empty list means all can start."""
    ports = [Port(settings.PORT, "PORT", "portal")]
    if settings.SANDBOX:
        ports.append(Port(settings.SANDBOX_PORT, "SANDBOX_PORT", "sandbox"))
    if settings.EMBEDDED_VALKEY and not pid_of_ours(settings.VALKEY_PORT, settings.DATA_DIR / VALKEY_FOLDER):
        ports.append(Port(settings.VALKEY_PORT, "VALKEY_PORT", "embedded broker"))
    numbers = [port.number for port in ports]
    if len(set(numbers)) < len(numbers):
        told = ", ".join(f"{port.variable}={port.number}" for port in ports)
        return [f"Two parts cannot share a port ({told}), so nothing was started: give each its own."]
    return [problem for port in ports if (problem := port_problem(port.number, port.variable, port.part))]
