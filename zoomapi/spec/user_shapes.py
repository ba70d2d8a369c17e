"""What the operations on users take and answer."""

from zoomapi.spec.base import Shape
from zoomapi.spec.catalogue import LOGIN_TYPES, TIMEZONES, USER_STATUSES, USER_TYPES
from zoomapi.spec.fields import (
    choice,
    digits,
    flag,
    known,
    mail_address,
    moment,
    new_password,
    number,
    person_name,
    secret,
    secret_digits,
    several,
    text,
    texts,
)
from zoomapi.spec.shapes import BATCH, NumberedQuery, PersonRef

CREATE_ACTIONS = {
    "create": "By invitation: Zoom mails a link to confirm",
    "autoCreate": "At once, in a managed domain",
    "custCreate": "For the API only: no password, no sign-in",
    "ssoCreate": "Ahead of the first single sign-on",
}
DELETE_ACTIONS = {"disassociate": "Disassociate: the user leaves the account", "delete": "Delete for ever"}
STATUS_ACTIONS = {"activate": "Activate", "deactivate": "Deactivate"}
TOKEN_TYPES = {
    "token": "For the client SDK",
    "zpk": "For start addresses (old form)",
    "zak": "For start addresses",
}


class UserQuery(NumberedQuery):
    """Which users to list; without a status only active ones come."""

    status = choice("Status", "Only users of this status.", USER_STATUSES, initial="active")


class LoginQuery(Shape):
    login_type = choice("Sign-in kind", "Tells accounts apart that share one e-mail address.", LOGIN_TYPES)


class UserRow(Shape):
    """One row of the list of users."""

    id = text("User id", "Names the user in every later call.")
    first_name = text("First name", "The user's given name.")
    last_name = text("Last name", "The user's family name.")
    email = text("E-mail", "The sign-in address.")
    type = known("Type", "The kind of licence.", USER_TYPES)
    pmi = text("Personal meeting id", "Ten digits.")
    timezone = known("Time zone", "Used for the user's schedule.", TIMEZONES)
    dept = text("Department", "Appears in reports.")
    created_at = moment("Created", "When the user was created.")
    last_login_time = moment("Last sign-in", "Missing when there was none.")
    last_client_version = text("Last app version", "The app used at the last sign-in.")
    group_ids = texts("Groups", "Ids of the user's groups.")
    im_group_ids = texts("IM groups", "Ids of the user's IM groups.")


class User(UserRow):
    """One user with everything the service tells."""

    vanity_url = text("Personal room address", "The address with the room's name.")
    personal_meeting_url = text("Personal meeting address", "Where people join the personal meeting.")
    verified = number("Verified", "1 when the e-mail address was confirmed.")
    pic_url = text("Picture", "Address of the profile picture.")
    cms_user_id = text("Kaltura user id", "The user's id in Kaltura.")
    account_id = text("Account id", "The account the user belongs to.")
    host_key = secret("Host key", "Six digits that make a caller the host.")


class NewUserInfo(Shape):
    email = mail_address("E-mail", "The sign-in address; must not be in use.", required=True)
    type = choice("Type", "The kind of licence.", USER_TYPES, required=True)
    first_name = person_name("First name", "At most 64 characters, at most 5 of them Chinese.", allow_blank=True)
    last_name = person_name("Last name", "At most 64 characters, at most 5 of them Chinese.", allow_blank=True)
    password = new_password("Password", "Fewer than 32 characters; used only when the user is created at once.")


class NewUser(Shape):
    """A user to create, and by which way."""

    action = choice("Way", "How the user comes into being.", CREATE_ACTIONS, required=True)
    user_info = NewUserInfo(label="User")


class CreatedUser(Shape):
    """What the service tells about a new user."""

    id = text("User id", "Names the user in every later call.")
    first_name = text("First name", "The user's given name.")
    last_name = text("Last name", "The user's family name.")
    email = text("E-mail", "The sign-in address.")
    type = known("Type", "The kind of licence.", USER_TYPES)


class UserChange(Shape):
    """Properties of a user that can be changed; only those given are."""

    first_name = person_name("First name", "At most 64 characters, at most 5 of them Chinese.", allow_blank=True)
    last_name = person_name("Last name", "At most 64 characters, at most 5 of them Chinese.", allow_blank=True)
    type = choice("Type", "The kind of licence.", USER_TYPES)
    pmi = digits("Personal meeting id", "Ten digits.", length=10)
    timezone = choice("Time zone", "Used for the user's schedule.", TIMEZONES)
    dept = text("Department", "Appears in reports.", allow_blank=True)
    vanity_name = text("Personal room name", "Last part of the personal room's address.", allow_blank=True)
    host_key = secret_digits("Host key", "Six digits that make a caller the host.", length=6)
    cms_user_id = text("Kaltura user id", "The user's id in Kaltura.", allow_blank=True)


class UserRemoval(Shape):
    """How a user leaves, and who takes over what. A transfer needs the receiver's address."""

    action = choice("How", "Leaving keeps the user; deleting is for ever.", DELETE_ACTIONS, initial="disassociate")
    transfer_email = mail_address("Transfer to", "The user who takes over.")
    transfer_meeting = flag("Transfer meetings", "Hand over coming meetings.")
    transfer_webinar = flag("Transfer webinars", "Hand over coming webinars.")
    transfer_recording = flag("Transfer recordings", "Hand over cloud recordings.")


class Helper(Shape):
    """An assistant or a scheduler."""

    id = text("User id", "Names the user in every later call.")
    email = text("E-mail", "The sign-in address.")


class Helpers(Shape):
    """A user's assistants, or the people a user schedules for; both come under the same key."""

    assistants = Helper(many=True)


class NewAssistants(Shape):
    """Users who may schedule for somebody."""

    assistants = several(PersonRef(), "Assistants", at_most=BATCH)


class AddedAssistants(Shape):
    """Who was added, and when."""

    ids = text("User ids", "The users who were added, separated by commas.")
    add_at = moment("Added", "When they were added.")


class StatusChange(Shape):
    action = choice("Change", "A deactivated user cannot sign in.", STATUS_ACTIONS, required=True)


class PasswordChange(Shape):
    password = new_password("New password", "Fewer than 32 characters.", required=True)


class Permissions(Shape):
    permissions = texts("Permissions", "Names of what the user may do.")


class TokenQuery(Shape):
    type = choice("Kind", "What the token is for; zak lives two hours, 90 days for API users.", TOKEN_TYPES)


class Token(Shape):
    token = secret("Token", "Acts as the user: keep it to yourself.")


class ZpkQuery(Shape):
    zpk = secret("Zpk", "The token to check.", required=True)


class ZpkState(Shape):
    expire_in = number("Expires in", "Seconds left.")


class EmailQuery(Shape):
    email = mail_address("E-mail", "The sign-in address to look for.", required=True)


class EmailExists(Shape):
    existed_email = flag("In use", "Whether some user has this address.")


class VanityQuery(Shape):
    vanity_name = text("Personal room name", "The name to look for.", required=True)


class VanityExists(Shape):
    existed = flag("In use", "Whether some personal room has this name.")
