"""The wish to stop, shared by a worker and the processes it forked: no new claims, finish the calls, then go."""

import multiprocessing

_wish = multiprocessing.get_context("fork").Event()


def ask() -> None:
    _wish.set()


def asked() -> bool:
    return _wish.is_set()
