"""How well a participant was connected: a sample a minute, made from the instance's seed."""

import random
from dataclasses import dataclass

from zoomapi.sandbox.models import Session
from zoomapi.sandbox.past.people import PHONE, Participant
from zoomapi.sandbox.past.sessions import later

MOST_SAMPLES = 60
RESOLUTIONS = ("320*180", "640*360", "1280*720")


@dataclass(frozen=True)
class Stream:
    """Rates in kbps, delays in ms, losses in percent; resolution and frame rate are "" for sound."""

    bitrate: int
    latency: int
    jitter: int
    avg_loss: float
    max_loss: float
    resolution: str = ""
    frame_rate: int = 0


@dataclass(frozen=True)
class Processor:
    """Percent of the participant's processor."""

    zoom_min: int
    zoom_avg: int
    zoom_max: int
    system_max: int


@dataclass(frozen=True)
class Sample:
    """One minute. ``streams`` has the names of the document: ``audio_input`` … ``as_output``; one not in use is left
    out."""

    at: str
    streams: dict[str, Stream]
    processor: Processor


def samples(session: Session, person: Participant, minutes: int | None = None) -> list[Sample]:
    """Return a participant's samples, at most 60, spread over the stay; ``minutes`` is that of a live one so far."""
    source = random.Random(f"{session.seed}/{person.user_id}/quality")
    stay = max(1, person.minutes if minutes is None else minutes)
    distance, poor = source.randint(8, 180), source.random() < 0.08
    step = -(-stay // MOST_SAMPLES)
    return [_sample(person, later(person.joined, at), distance, poor, source) for at in range(0, stay, step)]


def _sample(person: Participant, at: str, distance: int, poor: bool, source: random.Random) -> Sample:
    kinds = ["audio_input", "audio_output"]
    if person.device != PHONE:
        kinds += ["video_input"] if not person.camera else ["video_input", "video_output"]
        kinds += ["as_output"] if person.shared else ["as_input"]
    usage = sorted(source.randint(1, 60) for _ in range(3))
    return Sample(
        at,
        {kind: _stream(kind, distance, poor, source) for kind in kinds},
        Processor(usage[0], usage[1], usage[2], min(100, usage[2] + source.randint(3, 40))),
    )


def _stream(kind: str, distance: int, poor: bool, source: random.Random) -> Stream:
    sound = kind.startswith("audio")
    loss = round(source.uniform(2, 12) if poor else source.uniform(0, 0.8), 2)
    return Stream(
        bitrate=source.randint(24, 70) if sound else source.randint(180, 1400),
        latency=distance + source.randint(0, 20) * (5 if poor else 1),
        jitter=source.randint(0, 12) * (5 if poor else 1),
        avg_loss=loss,
        max_loss=round(loss * source.uniform(1, 3), 2),
        resolution="" if sound else source.choice(RESOLUTIONS),
        frame_rate=0 if sound else source.randint(4, 30),
    )
