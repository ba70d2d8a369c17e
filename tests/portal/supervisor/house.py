"""A program for the tests: a real supervisor over real, tiny parts. ``python house.py FOLDER NAME=BEHAVIOUR…``."""

import re
import sys
from pathlib import Path

from portal.supervisor.leftovers import Notebook
from portal.supervisor.part import Part
from portal.supervisor.supervise import PartFailed, Stop, Supervisor
from portal.supervisor.voice import Voice

READY = "import signal, subprocess, sys, time; print('up', flush=True); "
POLITE = "signal.signal(signal.SIGTERM, lambda *_: (print('bye', flush=True), sys.exit(0)));"
BEHAVIOURS = {
    "polite": POLITE + READY + "time.sleep(300)",
    "stubborn": READY + "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)",
    "dying": READY + "time.sleep(1); print('no more coal', flush=True); sys.exit(3)",
    "parent": READY + "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)']); time.sleep(300)",
    "mute": "import time; time.sleep(300)",
}


def part(name: str, behaviour: str) -> Part:
    code = "import signal, sys;" + BEHAVIOURS[behaviour]
    limit = 1.0 if behaviour == "mute" else 20.0
    argv = (sys.executable, "-c", code)
    return Part(name=name, argv=argv, ready_line=re.compile("^up$"), start_limit=limit, grace=1.0)


def main() -> int:
    folder, *wanted = sys.argv[1:]
    voice = Voice(sys.stdout)
    notebook = Notebook(Path(folder))
    try:
        with notebook.lock(), Supervisor(voice, notebook.write) as supervisor:
            supervisor.start(*(part(*one.split("=")) for one in wanted))
            supervisor.wait_until_ready()
            voice.say("all up")
            supervisor.watch()
    except Stop:
        voice.say("stopped")
        return 0
    except PartFailed as failure:
        voice.say(str(failure))
        return 1


if __name__ == "__main__":
    sys.exit(main())
