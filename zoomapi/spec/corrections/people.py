"""Corrections for accounts, billing, users and groups, and those that hold everywhere."""

from zoomapi.spec.corrections.base import Correction

PEOPLE = (
    Correction(
        "Expiry of a token",
        "The client sends seconds. The sandbox takes a value above 1e11 for milliseconds.",
        "The sample shows milliseconds, while JWT itself counts seconds.",
    ),
    Correction(
        "Place of a token",
        "The sandbox accepts the Authorization header and ?access_token=. The client uses the header only.",
        "Both are documented, and an address with a token in it ends up in logs.",
    ),
    Correction(
        "Path of the plans in the rate limits",
        "The billing limit holds for /plans as for /billing.",
        'The limits say "plan", the operations say "plans".',
        ("billing.plans", "billing.subscribe", "billing.update_base", "billing.add_addon", "billing.update_addon"),
    ),
    Correction(
        "Limit of /metrics/meetings and /metrics/webinars",
        "One call a minute and 2,000 a day.",
        "One section allows one a second, a later one only one a minute: the stricter is safe.",
    ),
    Correction(
        "First section of the account settings",
        '"schedule_meting" is written; "schedule_meeting" and "scheduled_meeting" are understood too.',
        "The name is misspelt, and user settings spell the same section in a third way.",
        ("accounts.settings", "accounts.update_settings"),
        {"schedule_meeting": "schedule_meting", "scheduled_meeting": "schedule_meting"},
    ),
    Correction(
        "First section of the user settings",
        '"scheduled_meeting" is written; "schedule_meeting" is understood too.',
        "The account settings call the same section by another name.",
        ("users.settings", "users.update_settings"),
        {"schedule_meeting": "scheduled_meeting"},
    ),
    Correction(
        "Misspelt account settings",
        'The wire keeps "p2p_connetion" and "cloud_recording_avaliable_reminder"; the right spelling is understood.',
        "The service knows the wrong names only; labels are spelt right.",
        ("accounts.settings", "accounts.update_settings"),
        {
            "in_meeting.p2p_connection": "in_meeting.p2p_connetion",
            "email_notification.cloud_recording_available_reminder": (
                "email_notification.cloud_recording_avaliable_reminder"
            ),
        },
    ),
    Correction(
        "Countries of an audio plan in a subscription",
        'The names end in "_countries"; "tollfree_country" and "premium_country" are understood too.',
        'The example under "Plans" uses the singular. Its "callout": 1 names no country and is ignored.',
        ("billing.subscribe",),
        {
            "plan_audio.tollfree_country": "plan_audio.tollfree_countries",
            "plan_audio.premium_country": "plan_audio.premium_countries",
        },
    ),
    Correction(
        "Countries of an additional audio plan",
        "An additional plan may carry the countries and the dial-in numbers; the singular names are understood.",
        'The operation documents type and hosts only, yet the section "Plans" shows the countries beside the type.',
        ("billing.add_addon", "billing.update_addon"),
        {"tollfree_country": "tollfree_countries", "premium_country": "premium_countries"},
    ),
    Correction(
        "Hosts of the Zoom Rooms base plans and of every additional plan",
        "1 to 9,999.",
        "No bounds are given, and a tighter guess would refuse lawful orders; 9,999 is the widest bound named.",
        ("billing.subscribe", "billing.update_base", "billing.add_addon", "billing.update_addon"),
    ),
    Correction(
        "Type and hosts of an optional plan",
        "Both or neither.",
        "Each is documented as optional by itself, but half a plan cannot be bought.",
        ("billing.subscribe",),
    ),
    Correction(
        "Plans somebody holds",
        "A type outside the lists is kept and shown as it came.",
        "Accounts still hold legacy plans, which a change then refuses with code 2100.",
        ("billing.plans",),
    ),
    Correction(
        "State of a billing contact",
        "One of the list in the United States and Canada, and when no country is given; free text elsewhere.",
        "The field is required everywhere, but the list has the states and provinces of these two only.",
        ("billing.update", "billing.subscribe"),
    ),
    Correction(
        "States and countries",
        "All 75 states and 255 countries are kept as listed.",
        "AP, AA and AE are military post regions; YD, FX, PZ and more are withdrawn, but old accounts have them.",
        ("billing.get", "billing.update", "billing.subscribe"),
    ),
    Correction(
        "Time zone SST",
        "Counted as Pacific/Guadalcanal (UTC+11).",
        "The list means the Solomon Islands; no zone database knows the id.",
        ("users.update",),
    ),
    Correction(
        "Limits of an account owner",
        "Names, e-mail address and password have the limits of any user's.",
        "The owner is a user, but the limits are stated where a user is created or given a password.",
        ("accounts.create", "users.create"),
    ),
    Correction(
        "Chinese words in a name",
        "At most five Chinese characters.",
        "Chinese is written without spaces, so that a word cannot be told apart by a machine that counts.",
        ("accounts.create", "users.create", "users.update"),
    ),
    Correction(
        "Chime of the user settings",
        "No default; host, all or none.",
        "The default printed is a torn quotation mark.",
        ("users.update_settings",),
    ),
    Correction(
        "Days until recordings are deleted",
        "1 to 60, no default, for accounts and for users.",
        'A number has the printed default "false", and accounts state no bounds for the same setting.',
        ("accounts.update_settings", "users.update_settings"),
    ),
    Correction(
        "Details of another audio provider",
        "At most 2,048 characters for accounts and for users.",
        "Only users state the limit of this shared setting.",
        ("accounts.update_settings", "users.update_settings"),
    ),
    Correction(
        "Name of a new group",
        "At most 127 characters, as when a group is renamed.",
        "Only the renaming states the limit.",
        ("groups.create", "groups.update"),
    ),
    Correction(
        "Time zone of a user",
        "An id from the list of time zones.",
        "The sample calls it a date and time, the description an id.",
        ("users.update",),
    ),
    Correction(
        "Schedulers of a user",
        'The answer\'s key is "assistants".',
        "It is documented so, and the service does so.",
        ("users.schedulers",),
    ),
    Correction(
        "Capacities a user does not have",
        "Answers may hold 0 or any number; only the listed sizes can be set.",
        "A user without a licence has no capacity to name.",
        ("users.settings",),
    ),
)
