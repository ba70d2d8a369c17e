"""kill -9 during a running import: nothing is lost, nothing is doubled.

The supervisor takes everything down when a part dies, says which one it was, and a new start goes on where the old one
stopped. Workers without a supervisor need none: those that live carry on.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from portal.supervisor.part import answers_http
from portal.supervisor.valkey import embedded_valkey
from tests.support.running import KEY, ROOT, SECRET, Running, started
from tests.support.visitor import Visitor, new_people, some_accounts

ROWS = 100
KILLED_AT = 25  # rows: the job is well on its way and far from its end


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("kills") / "data"
    with started(folder, DJANGO_SETTINGS_MODULE="tests.support.settings_quick") as running:
        yield running


def created(product: Running, prefix: str) -> Counter[str]:
    """How often the sandbox created each of a test's users."""
    writes = product.ledger()
    return Counter(w["key"] for w in writes if w["operation"] == "users.create" and w["key"].startswith(prefix))


def wait_for_rows(product: Running, prefix: str, number: int, patience: float = 60) -> int:
    end = time.monotonic() + patience
    while (done := len(created(product, prefix))) < number:
        assert time.monotonic() < end, f"{done} of {number} rows after {patience:.0f} s"
        time.sleep(0.2)
    return done


def assert_each_once(product: Running, prefix: str) -> None:
    assert created(product, prefix) == Counter({row[1]: 1 for row in new_people([""], ROWS, prefix)})
    verify = [sys.executable, "manage.py", "audit_verify"]
    found = subprocess.run(verify, cwd=ROOT, env=environment(product), capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


def environment(product: Running, **more: str) -> dict[str, str]:
    """What a process outside the supervisor needs to belong to the same portal."""
    kept = {name: value for name, value in os.environ.items() if name not in ("BROKER_URL", "CACHE_URL")}
    return {**kept, **product.environment, **more}


def kill_web(product: Running) -> None:
    assert product.kill(r"gunicorn") != []


def kill_worker(product: Running) -> None:
    assert product.kill(r"celery.* worker") != []


def kill_broker_and_delete_its_files(product: Running) -> None:
    assert product.kill(r"valkey-server") != []
    shutil.rmtree(product.folder / "valkey")


@pytest.mark.parametrize(
    ("part", "kill"),
    [("web", kill_web), ("worker", kill_worker), ("valkey", kill_broker_and_delete_its_files)],
    ids=["web", "worker", "broker"],
)
def test_a_job_survives_the_death_of_the(product: Running, part: str, kill: Callable[[Running], None]) -> None:
    olga = Visitor(product, "olga")
    job = olga.import_users(new_people(some_accounts(product, 5), ROWS, part))
    assert wait_for_rows(product, part, KILLED_AT) < ROWS
    kill(product)
    assert product.process.wait(timeout=20) == 1
    assert f"The {part} was killed by SIGKILL" in product.output()[-2000:]
    product.restart()
    assert len(created(product, part)) < ROWS  # so it was the new start that brought the job to its end
    olga.wait_for(job, "Done", patience=60)
    assert_each_once(product, part)


@contextmanager
def outgrown(product: Running) -> Iterator[tuple[subprocess.Popen[bytes], subprocess.Popen[bytes]]]:
    """The same portal without a supervisor, as on several machines: two workers, a broker that it does not own."""
    product.stop()
    ports = product.environment
    broker = embedded_valkey(int(ports["VALKEY_PORT"]), product.folder / "valkey")
    servers = f"redis://127.0.0.1:{ports['VALKEY_PORT']}"
    env = environment(
        product,
        BROKER_URL=f"{servers}/0",
        CACHE_URL=f"{servers}/1",
        SANDBOX_API_KEY=KEY,
        SANDBOX_API_SECRET=SECRET,
    )
    database = str(product.folder / "sandbox.sqlite3")
    sandbox = ("zoomapi.sandbox", "--port", ports["SANDBOX_PORT"], "--database", database, "--control")
    web = ("gunicorn", "portal.wsgi:application", "--bind", f"127.0.0.1:{ports['PORT']}", "--threads", "4")
    worker = ("celery", "--app", "portal", "--quiet", "worker", "--concurrency", "2", "--hostname")
    running: list[subprocess.Popen[bytes]] = []

    def start(*words: str, settings: str = ports["DJANGO_SETTINGS_MODULE"]) -> subprocess.Popen[bytes]:
        own = {**env, "DJANGO_SETTINGS_MODULE": settings}
        with product.log.open("ab") as log:
            running.append(subprocess.Popen(words, cwd=ROOT, env=own, stdout=log, stderr=log, start_new_session=True))
        return running[-1]

    def python(*words: str, **more: str) -> subprocess.Popen[bytes]:
        return start(sys.executable, "-m", *words, **more)

    try:
        start(*broker.argv)
        python(*sandbox, settings="zoomapi.sandbox.settings")
        python(*web)
        workers = python(*worker, "one@test"), python(*worker, "two@test")
        end = time.monotonic() + 60
        ready = [answers_http(int(ports[name])) for name in ("PORT", "SANDBOX_PORT")]
        while not all(check() for check in ready):
            assert time.monotonic() < end, product.output()[-3000:]
            time.sleep(0.2)
        yield workers
    finally:
        for process in reversed(running):
            kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of a process and the children it forked."""
    try:
        os.killpg(process.pid, 9)
    except ProcessLookupError:
        return
    finally:
        process.wait()


def holder_of(product: Running, workers: tuple[subprocess.Popen[bytes], ...]) -> subprocess.Popen[bytes]:
    """The worker that has items of the running job in its hands: killing the other would prove nothing."""
    query = "SELECT lease_owner FROM bulk_item WHERE lease_until IS NOT NULL AND lease_owner <> ''"
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with closing(sqlite3.connect(f"file:{product.folder / 'portal.sqlite3'}?mode=ro", uri=True)) as database:
            owners = {int(owner.split("/")[1]) for (owner,) in database.execute(query)}
        for worker in workers:
            if any(group_of(pid) == worker.pid for pid in owners):
                return worker
        time.sleep(0.05)
    raise AssertionError("no worker holds anything")


def group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def test_a_job_goes_on_when_one_of_two_workers_dies(product: Running) -> None:
    with outgrown(product) as workers:
        olga = Visitor(product, "olga")
        job = olga.import_users(new_people(some_accounts(product, 5), ROWS, "pair"))
        assert wait_for_rows(product, "pair", KILLED_AT) < ROWS
        kill_group(holder_of(product, workers))
        olga.wait_for(job, "Done", patience=60)
        assert_each_once(product, "pair")
