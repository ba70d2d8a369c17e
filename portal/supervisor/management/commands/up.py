"""``manage.py up``: Master Portal on one machine, with all it needs."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.management.color import supports_color
from django.db import DatabaseError

from portal.supervisor import leftovers, plan, prepare, welcome
from portal.supervisor.running import Adopted
from portal.supervisor.supervise import PartFailed, Stop, Supervisor
from portal.supervisor.valkey import pid_of_ours
from portal.supervisor.voice import Voice


class Command(BaseCommand):
    help = "Start portal, worker, beat, embedded broker and sandbox on this machine; Ctrl-C ends them all."

    def handle(self, *args: Any, **options: Any) -> None:
        colour = supports_color() and not options["no_color"]
        voice = Voice(sys.stdout, colour=colour or options["force_color"])
        notebook = leftovers.Notebook(settings.DATA_DIR / "up")
        try:
            with notebook.lock():
                clear_leftovers(notebook, voice)
                problems = plan.port_problems()
                if problems:
                    raise CommandError("\n".join(problems))
                run(notebook, voice)
        except leftovers.AlreadyRunning as error:
            raise CommandError(str(error)) from None
        except PartFailed as failure:
            raise CommandError(f"{failure} Everything else was stopped too.") from None


def clear_leftovers(notebook: leftovers.Notebook, voice: Voice) -> None:
    """End what an earlier run left alive, except a working broker: that one is used again."""
    reusable = pid_of_ours(settings.VALKEY_PORT, settings.DATA_DIR / plan.VALKEY_FOLDER)
    left = [one for one in notebook.left_alive() if one.pid != reusable or not settings.EMBEDDED_VALKEY]
    if left:
        voice.say(f"An earlier run left {', '.join(one.name for one in left)} behind: ending that first.")
        leftovers.end(left)


def run(notebook: leftovers.Notebook, voice: Voice) -> None:
    """Start all parts in order and watch them until somebody says stop."""
    voice.say("Starting Master Portal; Ctrl-C ends it.")
    try:
        with Supervisor(voice, notebook.write) as supervisor:
            start_broker(supervisor, voice)
            make_ready(supervisor, voice, notebook)
            supervisor.start(plan.worker(), plan.beat(), plan.web())
            supervisor.wait_until_ready()
            voice.say(welcome.text())
            supervisor.watch()
    except Stop:
        voice.say("Stopped. The data are kept; start again whenever you like.")


def start_broker(supervisor: Supervisor, voice: Voice) -> None:
    broker = plan.valkey()
    if broker is None:
        voice.say("Using the broker that BROKER_URL names.")
        return
    pid = pid_of_ours(settings.VALKEY_PORT, settings.DATA_DIR / plan.VALKEY_FOLDER)
    if pid:
        voice.say("A broker of an earlier run is alive and is used again.")
        supervisor.look_after(Adopted(broker, pid))
    else:
        supervisor.start(broker)
    supervisor.wait_until_ready()


def make_ready(supervisor: Supervisor, voice: Voice, notebook: leftovers.Notebook) -> None:
    """Database, static files, sandbox, and at a first start the demo."""
    try:
        voice.say(prepare.database())
        prepare.static_files()
        moved = prepare.follow_sandbox(notebook.folder / "sandbox_url")
        if moved:
            voice.say(moved)
        credentials = prepare.sandbox_credentials()
        if credentials:
            supervisor.start(plan.sandbox(*credentials))
        supervisor.wait_until_ready()
        note = notebook.folder / "demo_loading"
        if prepare.demo_needed(note):
            voice.say("First start: loading the demo …")
            missing = prepare.demo(note)
            if missing:
                voice.say(missing)
    except DatabaseError as error:
        raise PartFailed(f"The database could not be prepared: {error}.") from error
    finally:
        prepare.release_database()
