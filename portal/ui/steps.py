"""Steps of something that happens in several calls, each with its state."""

from dataclasses import dataclass
from enum import StrEnum


class StepState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


_WORDS = {
    StepState.QUEUED: ("Waiting", "ellipsis-horizontal-circle"),
    StepState.RUNNING: ("Running", "arrow-path"),
    StepState.DONE: ("Done", "check-circle"),
    StepState.FAILED: ("Failed", "x-circle"),
    StepState.SKIPPED: ("Not executed", "minus-circle"),
    StepState.UNKNOWN: ("Outcome unknown", "question-mark-circle"),
}


@dataclass(frozen=True)
class Step:
    """``detail`` says what will be done, was done, or why not and what to do next; ``call`` is the API call.

    ``said`` is the state in the words of the page, where it has its own.
    """

    title: str
    state: StepState = StepState.QUEUED
    detail: str = ""
    call: str = ""
    said: str = ""

    @property
    def word(self) -> str:
        return self.said or _WORDS[StepState(self.state)][0]

    @property
    def icon(self) -> str:
        return _WORDS[StepState(self.state)][1]
