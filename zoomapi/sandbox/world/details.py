"""What else an account has beside people and meetings: rooms, devices, chats, dial-in, recordings in the trash."""

import random
from typing import Any

from zoomapi.sandbox.clock import stamp
from zoomapi.sandbox.models import Account, Group, Membership, Record, User
from zoomapi.sandbox.past import chat, recordings, rooms
from zoomapi.sandbox.past.numbers import made_id
from zoomapi.sandbox.world.activity import Activity, ahead, running, series, singles, webinars
from zoomapi.sandbox.world.make import DAY, Maker

ROOM_NAMES = ("Aspen", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Larch", "Maple", "Oak", "Rowan")
PLENTY = 30  # people that make an account one with rooms, devices and a telephony provider
LIVE_MEETINGS, LIVE_WEBINARS = 14, 2


def fill(maker: Maker) -> Activity:
    """Give every account of the demo its half year; returns what has to be stored beside the maker's own rows."""
    activity = Activity(maker)
    people: dict[str, list[User]] = {account.id: [] for account in maker.accounts}
    for user in maker.users:
        if user.status == "active":
            people[user.account_id].append(user)
    for account in maker.accounts:
        _equip(maker, activity, account, people[account.id])
    for account in maker.accounts:
        _meet(activity, people[account.id])
    _live(activity, [people[account.id] for account in maker.accounts if len(people[account.id]) > 5])
    _throw_away(activity, maker)
    return activity


def _meet(activity: Activity, people: list[User]) -> None:
    ids = [user.id for user in people]
    for host in people:
        others = activity.random.sample(ids, min(len(ids), 6))
        others = [user_id for user_id in others if user_id != host.id]
        if host.type == 1:
            singles(activity, host, others, activity.random.randint(0, 5))
            continue
        if activity.random.random() < 0.12:
            continue  # holds a licence and never uses it
        singles(activity, host, others, activity.random.randint(2, 12))
        if activity.random.random() < 0.6:
            series(activity, host, others)
        if activity.random.random() < 0.08:
            webinars(activity, host, others)
        if activity.random.random() < 0.3:
            ahead(activity, host)


def _live(activity: Activity, companies: list[list[User]]) -> None:
    """The master account has three meetings running and a webinar; others are spread over the customers."""
    for number in range(LIVE_MEETINGS):
        people = companies[0] if number < 3 else activity.random.choice(companies)
        host = people[number] if number < 3 else activity.random.choice(people)
        running(activity, host, [user.id for user in people if user is not host][:5])
    for number in range(LIVE_WEBINARS):
        people = companies[number]
        host = next(user for user in reversed(people) if user.type != 1)
        running(activity, host, [user.id for user in people if user is not host][:2], "webinar")


def _throw_away(activity: Activity, maker: Maker) -> None:
    """Put the files of some old recordings into the trash."""
    recorded = [session for session in activity.sessions if session.kept]
    for session in activity.random.sample(recorded, len(recorded) // 12):
        chosen = recordings.files(session)
        when = max(stamp(maker.today - activity.random.randint(1, 25) * DAY), session.end)
        session.files = {"trash": {file.id: when for file in chosen[: activity.random.randint(1, len(chosen))]}}
        session.kept = len(recordings.files(session))
        session.trashed = len(chosen) - session.kept


def _equip(maker: Maker, activity: Activity, account: Account, people: list[User]) -> None:
    choose = activity.random
    conversations(maker, account, people, choose)
    if len(people) < PLENTY and not account.is_master:
        return
    found = [_room(account, number, choose) for number in range(choose.randint(2, 6))]
    activity.rooms[account.id] = [room.id for room in found]
    activity.idle_rooms[account.id] = found[0].id
    maker.records += found
    maker.records += [_device(account, number, choose) for number in range(choose.randint(1, 4))]
    maker.records.append(_provider(account))
    for user in people[:3]:
        maker.records += [_pac(account, user, choose), _tsp(account, user, choose)]
    group = Group(id=made_id(account.id, "im"), account_id=account.id, kind="im", name="Everybody", data={})
    maker.groups.append(group)
    maker.memberships += [Membership(group_id=group.id, user_id=user.id, kind="im") for user in people[:12]]


def _record(account: Account, kind: str, name: object, data: dict[str, Any], owner: str = "") -> Record:
    made = made_id(account.id, kind, name)
    return Record(id=made, kind=kind, account_id=account.id, owner_id=owner, created_at=account.created_at, data=data)


def conversations(maker: Maker, account: Account, people: list[User], choose: random.Random) -> None:
    for number in range(min(12, len(people) // 2)):
        several = number % 3 == 0 and len(people) > 3
        members = choose.sample(people, choose.randint(3, min(6, len(people))) if several else 2)
        name = f"{members[0].dept or 'Team'} chat" if several else " & ".join(user.first_name for user in members)
        data = {
            "type": chat.GROUP if several else chat.ONE_TO_ONE,
            "name": name,
            "members": [user.id for user in members],
            "seed": choose.getrandbits(40),
        }
        maker.records.append(_record(account, chat.KIND, number, data))


def _room(account: Account, number: int, choose: random.Random) -> Record:
    name = ROOM_NAMES[number % len(ROOM_NAMES)]
    data = {
        "name": f"{name} room",
        "calendar": f"{name} room calendar",
        "email": f"{name.lower()}@rooms.{account.owner_email.partition('@')[2]}",
        "account_type": "Work Email",
        "status": choose.choice(("Available", "Available", "Offline")),
        "device_ip": f"192.0.2.{choose.randrange(2, 250)}",
        "camera": choose.choice(("Logitech PTZ Pro", "HuddleCam HD")),
        "microphone": "Conference Microphone",
        "speaker": "Room Speakers",
    }
    return _record(account, rooms.KIND, number, data)


def _device(account: Account, number: int, choose: random.Random) -> Record:
    protocol, encryption = choose.choice(("H.323", "SIP")), choose.choice(("auto", "yes", "no"))
    ip = f"192.0.2.{choose.randrange(2, 250)}"
    data = {"name": f"Codec {number + 1}", "protocol": protocol, "ip": ip, "encryption": encryption}
    return _record(account, "device", number, data)


def _provider(account: Account) -> Record:
    numbers = [
        {"code": "1", "number": "5550100", "type": "toll"},
        {"code": "1", "number": "8005550101", "type": "tollfree"},
    ]
    return _record(account, "tsp_provider", 1, {"tsp_provider": "Sandbox Telecom", "dial_in_numbers": numbers})


def _pac(account: Account, user: User, choose: random.Random) -> Record:
    data = {
        "dedicated_dial_in_number": [{"number": f"+1555{choose.randrange(10**6, 10**7)}", "country": "US"}],
        "global_dial_in_numbers": [{"number": "+498005550102", "country": "DE"}],
        "conference_id": choose.randrange(10**8, 10**9),
        "participant_password": f"{choose.randrange(10**5):05}",
        "listen_only_password": f"{choose.randrange(10**5):05}",
    }
    return _record(account, "pac", user.id, data, user.id)


def _tsp(account: Account, user: User, choose: random.Random) -> Record:
    code, pin = str(choose.randrange(10**7, 10**8)), str(choose.randrange(10**3, 10**4))
    numbers = [{"code": "1", "number": "5550100", "type": "toll"}]
    record = _record(
        account,
        "tsp",
        user.id,
        {"conference_code": code, "leader_pin": pin, "dial_in_numbers": numbers},
        user.id,
    )
    record.id = f"0000-{record.id[:22]}"
    return record
