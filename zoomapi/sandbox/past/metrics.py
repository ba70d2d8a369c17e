"""How the dashboards describe an instance, a participant, and the quality somebody had."""

from collections.abc import Iterable

from zoomapi.sandbox.clock import Clock, seconds
from zoomapi.sandbox.models import Session
from zoomapi.sandbox.past.people import Participant, participants, sharing
from zoomapi.sandbox.past.quality import Sample, Stream, samples
from zoomapi.sandbox.past.reporting import Host, hosts
from zoomapi.sandbox.past.sessions import OTHER_AUDIO, RECORDED, SHARE, VIDEO, VOIP, minutes, until
from zoomapi.sandbox.validation import Json
from zoomapi.spec.catalogue import USER_TYPES

LOCAL_RECORDING = "local_recording"


def rows(found: Iterable[Session], clock: Clock) -> list[Json]:
    """Describe instances as lists do."""
    listed = list(found)
    known = hosts(session.host_id for session in listed)
    return [_row(session, known[session.host_id], clock) for session in listed]


def _row(session: Session, host: Host, clock: Clock) -> Json:
    answer = {
        "uuid": session.uuid,
        "id": session.meeting_id,
        "topic": session.topic,
        "host": host.name,
        "email": host.email,
        "user_type": USER_TYPES.get(host.type, ""),
        "start_time": session.start,
        "duration": _length(seconds(until(session, clock)) - seconds(session.start)),
        "participants": session.participants,
        "has_pstn": session.phones > 0,
        "has_voip": bool(session.features & VOIP),
        "has_3rd_party_audio": bool(session.features & OTHER_AUDIO),
        "has_video": bool(session.features & VIDEO),
        "has_screen_share": bool(session.features & SHARE),
        "has_recording": bool(session.features & RECORDED),
        "has_sip": session.sips > 0,
    }
    return answer if session.live else answer | {"end_time": session.end}


def _length(taken: float) -> str:
    whole = max(0, int(taken))
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def stay(person: Participant) -> Json:
    """Describe one stay with the devices used."""
    return _machine(person) | {
        "id": person.id,
        "network_type": person.network_type,
        "microphone": person.microphone,
        "speaker": person.speaker,
        "data_center": person.data_center,
        "connection_type": person.connection_type,
        "share_application": "application" in person.shared,
        "share_desktop": "desktop" in person.shared,
        "share_whiteboard": "whiteboard" in person.shared,
        "recording": person.recording,
    }


def _machine(person: Participant) -> Json:
    answer = {
        "user_id": person.user_id,
        "user_name": person.name,
        "device": person.device,
        "ip_address": person.ip_address,
        "location": person.location,
        "join_time": person.joined,
        "pc_name": person.pc_name,
        "domain": person.domain,
        "mac_addr": person.mac_addr,
        "harddisk_id": person.harddisk_id,
        "version": person.version,
    }
    return answer | ({"leave_time": person.left} if person.left else {})


def measured(session: Session, person: Participant, clock: Clock) -> Json:
    """Describe one stay with its latest sample; the document has room for one."""
    so_far = minutes(session, clock) if session.live else None
    return _machine(person) | {"user_qos": _sample(samples(session, person, so_far)[-1])}


def _sample(sample: Sample) -> Json:
    usage = sample.processor
    return {
        "date_time": sample.at,
        **{kind: _stream(stream) for kind, stream in sample.streams.items()},
        "cpu_usage": {
            "zoom_min_cpu_usage": f"{usage.zoom_min}%",
            "zoom_avg_cpu_usage": f"{usage.zoom_avg}%",
            "zoom_max_cpu_usage": f"{usage.zoom_max}%",
            "system_max_cpu_usage": f"{usage.system_max}%",
        },
    }


def _stream(stream: Stream) -> Json:
    answer = {
        "bitrate": f"{stream.bitrate} kbps",
        "latency": f"{stream.latency} ms",
        "jitter": f"{stream.jitter} ms",
        "avg_loss": f"{stream.avg_loss}%",
        "max_loss": f"{stream.max_loss}%",
    }
    picture = {"resolution": stream.resolution, "frame_rate": f"{stream.frame_rate} fps"}
    return answer | picture if stream.resolution else answer


def shown(session: Session, clock: Clock) -> list[Json]:
    """Return everybody who has shared or recorded something so far, with what and when."""
    found = [(person, _details(session, person, clock)) for person in participants(session)]
    return [
        {"id": person.id, "user_id": person.user_id, "user_name": person.name, "details": details}
        for person, details in found
        if details
    ]


def _details(session: Session, person: Participant, clock: Clock) -> list[Json]:
    """Leave out what is still to come; what goes on has no end yet. Nobody shows anything after having left."""
    now, last = clock.stamp(), person.left or session.due
    spans = sharing(session, person)
    if person.recording:
        spans.append((LOCAL_RECORDING, person.joined, last))
    return [
        {"content": what, "start_time": min(start, last), "end_time": min(end, last) if min(end, last) <= now else ""}
        for what, start, end in spans
        if start <= now
    ]
