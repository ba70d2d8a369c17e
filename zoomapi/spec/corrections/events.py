"""Corrections for meetings, webinars and everything that tells about them, and for webhooks, telephony and devices."""

from zoomapi.spec.corrections.base import Correction

_SCHEDULING = ("meetings.create", "meetings.update", "webinars.create", "webinars.update")
_REGISTRANTS = ("meetings.registrants", "webinars.registrants")
_BY_INSTANCE = (
    "recordings.get",
    "recordings.delete",
    "recordings.delete_file",
    "recordings.recover",
    "recordings.recover_file",
    "reports.meeting",
    "reports.meeting_participants",
    "reports.meeting_polls",
    "reports.webinar",
    "reports.webinar_participants",
    "reports.webinar_polls",
    "reports.webinar_qa",
)

EVENTS = (
    Correction(
        "Ids of meetings and webinars",
        "Numbers of 9 to 11 digits, compared as texts; texts are understood too.",
        "Some answers call them texts, others integers. They need more than 32 bits.",
        ("meetings.list", "meetings.get", "webinars.list", "webinars.get", "recordings.list", "recordings.get"),
    ),
    Correction(
        "Ids of registered events",
        "A number, like the id of the event itself.",
        "The answer to a registration calls it a text.",
        ("meetings.add_registrant", "webinars.add_registrant"),
    ),
    Correction(
        "Host of a past meeting",
        "A text, like every user id.",
        "It is called an integer here, and a text everywhere else.",
        ("meetings.past",),
    ),
    Correction(
        "Meetings named by UUID",
        "Where an id or a UUID is allowed, a UUID with slashes is quoted twice; raw slashes are understood.",
        "A UUID is base64 text, and its slashes look like parts of the path.",
        _BY_INSTANCE,
    ),
    Correction(
        "Ending a meeting",
        '"action" is written; "status" is understood too.',
        "Webinars call the same member by the other name.",
        ("meetings.update_status",),
        {"status": "action"},
    ),
    Correction(
        "Ending a webinar",
        '"status" is written; "action" is understood too.',
        "Meetings call the same member by the other name.",
        ("webinars.update_status",),
        {"action": "status"},
    ),
    Correction(
        "Start time",
        "With a Z it is UTC. Without one it is local to the given time zone, else to the host's own; no Z is added.",
        "A time zone is asked for beside a local time, yet it is optional.",
        _SCHEDULING,
    ),
    Correction(
        "Weekdays of a recurrence",
        "Numbers separated by commas; one integer is understood too.",
        "It is called an integer in one place, and several values separated by commas in another.",
        _SCHEDULING,
    ),
    Correction(
        "Interval of a recurrence",
        "1 when it is missing, and never more than 90 days, 12 weeks or 3 months.",
        "The operations state the limits, only the section on recurrence states the default.",
        _SCHEDULING,
    ),
    Correction(
        "End of a recurrence",
        "One time when neither end is given. The default does not hold beside an end date.",
        "The two ends exclude each other, yet one of them has a default.",
        _SCHEDULING,
    ),
    Correction(
        "Last date of a recurrence",
        "UTC with a Z; months, days and hours may have one digit.",
        "The examples are written so.",
        _SCHEDULING,
    ),
    Correction(
        "Weekly without weekdays, monthly without a day",
        "The weekday or the day of the month of the start.",
        "Both are optional, and nothing else can be meant.",
        _SCHEDULING,
    ),
    Correction(
        "Paging of registrants",
        "By page number and by token.",
        "A page number is asked for, a token is answered.",
        _REGISTRANTS,
    ),
    Correction(
        "Paging of a Zoom Room's meetings",
        "By page number and by token.",
        "A page number is asked for, a token is answered.",
        ("dashboards.zoom_room",),
    ),
    Correction(
        "Paging of IM groups and of devices",
        "Page size and page number, as for every other list.",
        "The answers count pages, but no argument asks for one.",
        ("im_groups.list", "devices.list"),
    ),
    Correction(
        "Type of a new IM group",
        "The answer tells it too.",
        "It is missing in one answer only.",
        ("im_groups.create",),
    ),
    Correction(
        "Hosts by one path each, below an account",
        "The direct form is called; the mirrored forms active/users and inactive/users are served too.",
        "The list of mirrored operations has paths that do not exist without the account.",
        ("reports.users", "reports.user_meetings"),
    ),
    Correction(
        "Questions of a webinar, below an account",
        "The direct form ending in qa is called; the one ending in questions is served too.",
        "The list of mirrored operations names the report by another word.",
        ("reports.webinar_qa",),
    ),
    Correction(
        "Adding panelists, below an account",
        "POST is sent; PUT is served too.",
        "The list of mirrored operations has another method than the direct operation.",
        ("webinars.add_panelists",),
    ),
    Correction(
        "Days of a period",
        "A date; a date-time is understood as its day.",
        "The arguments have no form, and clients send both.",
        ("reports.users", "reports.user_meetings", "reports.telephone", "recordings.list", "im_chat.sessions"),
    ),
    Correction(
        "Attention of participants",
        "A number for meetings, a text for webinars.",
        "The two answers differ so.",
        ("reports.meeting_participants", "reports.webinar_participants"),
    ),
    Correction(
        "Calendar of a Zoom Room",
        'The wire keeps "calender_name"; the label is spelt right.',
        "The name is misspelt.",
        ("dashboards.zoom_rooms", "dashboards.zoom_room"),
    ),
    Correction(
        "Key of the PAC list",
        '"tsp_accounts" is written; "pac_accounts" is understood too.',
        "The key is a copy of another section's.",
        ("pac.list",),
        {"pac_accounts": "tsp_accounts"},
    ),
    Correction(
        "Lengths of TSP codes and numbers",
        "At most 16.",
        "The limit says 16, the description less than 16: to refuse what the service takes would be worse.",
        ("tsp.create", "tsp.update"),
    ),
    Correction(
        "Number of a TSP account",
        "Its place in the list, from 1.",
        "It is called an index, and the answers have no other name for it.",
        ("tsp.get", "tsp.update", "tsp.delete"),
    ),
    Correction(
        "Changes that need everything",
        "A device, a TSP account and the webhook version are sent whole.",
        "Every member is required, although the method is PATCH.",
        ("devices.update", "tsp.update", "webhooks.switch_version"),
    ),
)
