"""Who took part in an instance: made from its seed, with minutes that add up to the instance's own sum."""

import random
from dataclasses import dataclass, field

from zoomapi.sandbox.models import Record, Session, User
from zoomapi.sandbox.past.numbers import made_id
from zoomapi.sandbox.past.sessions import SHARE, VIDEO, later
from zoomapi.sandbox.places import PLACES

DEVICES = ("Windows", "Mac", "iOS", "Android")
VERSIONS = {"Windows": "4.1.26478.0523", "Mac": "4.1.27695.0702", "iOS": "4.1.27413.0618", "Android": "4.1.27507.0627"}
NETWORKS = ("Wifi", "Wired", "Wifi", "Cellular")
MICROPHONES = ("Internal Microphone", "Headset Microphone", "USB Audio Device", "Conference Microphone")
SPEAKERS = ("Internal Speakers", "Headphones", "USB Audio Device", "HDMI Audio")
CENTRES = ("United States (SJC)", "United States (NYC)", "Germany (FRA)", "Japan (TYO)", "Australia (SYD)")
COUNTRIES = sorted(PLACES)
ROOM, PHONE, SIP = "Zoom Rooms", "Phone", "H.323/SIP"
SHARED = ("application", "desktop", "whiteboard")
_FIRST_USER_ID, _USER_ID_STEP = 16778240, 1024


@dataclass(frozen=True)
class Participant:
    """One person, room, telephone or device in an instance.

    ``user_id`` is the number in this instance, ``id`` what lasts: a user's id for users of the account. ``left`` is
    "" while the instance runs. ``shared`` lists what was shown: "application", "desktop", "whiteboard".
    """

    user_id: str
    id: str
    name: str
    email: str
    joined: str
    left: str
    minutes: int
    device: str
    version: str
    ip_address: str
    location: str
    network_type: str
    microphone: str
    speaker: str
    data_center: str
    connection_type: str
    pc_name: str
    domain: str
    mac_addr: str
    harddisk_id: str
    attentiveness: int
    phone_number: str = ""
    shared: tuple[str, ...] = ()
    recording: bool = False
    camera: bool = False
    place: str = field(default="US", repr=False)


@dataclass(frozen=True)
class _Who:
    id: str
    name: str
    email: str
    device: str
    place: str


def participants(session: Session, device: str = "") -> list[Participant]:
    """Return everybody, the host first; or only guests with one device (``PHONE``, ``SIP``), which asks no database."""
    source = random.Random(session.seed)
    people = _people(session, source, named=not device)
    missed = _shares(session.missing, len(people), max(0, session.duration - 1), source)
    return [
        _participant(session, number, who, lost, random.Random(session.seed * 1009 + number))
        for number, (who, lost) in enumerate(zip(people, missed, strict=True))
        if device in ("", who.device)
    ]


def participant(session: Session, reference: str) -> Participant | None:
    """Return the participant of that lasting id or number in the instance."""
    return next((person for person in participants(session) if reference in (person.id, person.user_id)), None)


def sharing(session: Session, person: Participant) -> list[tuple[str, str, str]]:
    """Return (what, start, end) of everything a participant showed."""
    source = random.Random(f"{session.seed}/{person.user_id}/share")
    found = []
    for what in person.shared:
        begin = source.randint(0, max(0, person.minutes - 2))
        length = source.randint(1, max(1, person.minutes - begin))
        found.append((what, later(person.joined, begin), later(person.joined, begin + length)))
    return found


def _people(session: Session, source: random.Random, *, named: bool = True) -> list[_Who]:
    """Host, colleagues, the room, guests, and last those who came by telephone or through a port."""
    ids = [session.host_id, *filter(None, session.colleagues.split(","))]
    known = {user.id: user for user in User.objects.filter(id__in=ids)} if named else {}
    found = [_colleague(user_id, known.get(user_id), source) for user_id in ids]
    if session.room_id:
        room = Record.objects.filter(id=session.room_id).first() if named else None
        found.append(_Who(session.room_id, room.data["name"] if room else "Zoom Room", "", ROOM, "US"))
    guests = session.participants - len(found)
    for number in range(max(0, guests)):
        from_the_end = guests - number
        device = PHONE if from_the_end <= session.phones else ""
        if not device and from_the_end <= session.phones + session.sips:
            device = SIP
        found.append(_guest(session, number, device, source))
    return found[: session.participants]


def _colleague(user_id: str, user: User | None, source: random.Random) -> _Who:
    device, place = source.choice(DEVICES), source.choice(COUNTRIES)  # also of people who are gone: chance goes on
    if user is None:
        return _Who(user_id, "Former user", "", device, place)
    return _Who(user_id, f"{user.first_name} {user.last_name}".strip(), user.email, device, place)


def _guest(session: Session, number: int, device: str, source: random.Random) -> _Who:
    place = source.choice(COUNTRIES)
    first = source.choice(PLACES[place].firsts).partition("|")
    last = source.choice(PLACES[place].lasts).partition("|")
    guest_id = made_id(session.seed, "guest", number)
    if device == PHONE:
        return _Who(guest_id, f"{PLACES[place].phone}***{source.randrange(100, 999)}", "", PHONE, place)
    if device == SIP:
        return _Who(guest_id, f"Room system {number + 1}", "", SIP, place)
    local = "".join(c for c in f"{first[2] or first[0]}.{last[2] or last[0]}".lower() if c.isascii() and c not in " '")
    return _Who(guest_id, f"{first[0]} {last[0]}", f"{local}@guests.example", source.choice(DEVICES), place)


def _shares(missing: int, people: int, most: int, source: random.Random) -> list[int]:
    """Split the missing minutes among all but the host, nobody more than ``most``."""
    lost, left = [0] * people, missing
    for number in range(1, people):
        lost[number] = min(most, left, source.randint(0, 2 * left // (people - number)))
        left -= lost[number]
    for number in range(1, people):
        more = min(most - lost[number], left)
        lost[number] += more
        left -= more
    return lost


def _participant(session: Session, number: int, who: _Who, lost: int, source: random.Random) -> Participant:
    late = source.randint(0, lost)
    joined = later(session.start, late)
    stay = max(0, session.duration - lost)
    town = source.choice(PLACES[who.place].towns)
    computer = who.device in VERSIONS
    by_phone = who.device == PHONE
    shares = computer and bool(session.features & SHARE) and (number == 0 or source.random() < 0.15)
    return Participant(
        user_id=str(_FIRST_USER_ID + _USER_ID_STEP * number),
        id=who.id,
        name=who.name,
        email=who.email,
        joined=joined,
        left=min(later(joined, stay), session.end) if session.end else "",
        minutes=stay,
        device=who.device,
        version=VERSIONS.get(who.device, ""),
        ip_address="" if by_phone else f"198.51.100.{source.randrange(1, 255)}",
        location=f"{town[0]} ({who.place})",
        network_type="PPP" if by_phone else source.choice(NETWORKS),
        microphone=source.choice(MICROPHONES) if computer else "",
        speaker=source.choice(SPEAKERS) if computer else "",
        data_center=source.choice(CENTRES),
        connection_type="" if by_phone else source.choice(("UDP", "UDP", "TCP", "SSL")),
        pc_name=f"{who.device.upper()[:3]}-{source.randrange(16**6):06X}" if computer else "",
        domain=who.email.partition("@")[2],
        mac_addr=":".join(f"{byte:02X}" for byte in (2, *source.randbytes(5))) if computer else "",
        harddisk_id=f"{source.randrange(16**12):012X}" if computer else "",
        attentiveness=source.randint(60, 100),
        phone_number=f"{PLACES[who.place].phone}{source.randrange(1000, 9999)}" if by_phone else "",
        shared=tuple(source.sample(SHARED, source.randint(1, 2))) if shares else (),
        recording=number == 0 and source.random() < 0.1,
        camera=computer and bool(session.features & VIDEO) and source.random() < 0.8,
        place=who.place,
    )
