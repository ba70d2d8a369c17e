"""Registrants of meetings and webinars."""

from zoomapi.spec.base import Shape
from zoomapi.spec.fields import choice, codes, known, mail_address, moment, number, several, text
from zoomapi.spec.shapes import BATCH, NumberedQuery, PersonRef

REGISTRANT_STATUSES = {"pending": "Waiting for approval", "approved": "Approved", "denied": "Denied"}
REGISTRANT_ACTIONS = {"approve": "Approve", "cancel": "Cancel", "deny": "Deny"}


def _as_written(*answers: str) -> dict[str, str]:
    return {answer: answer for answer in answers}


TIME_FRAMES = _as_written("Within a month", "1-3 months", "4-6 months", "More than 6 months", "No timeframe")
ROLES = _as_written("Decision Maker", "Evaluator/Recommender", "Influencer", "Not involved")
EMPLOYEES = _as_written(
    "1-20", "21-50", "51-100", "101-500", "500-1,000", "1,001-5,000", "5,001-10,000", "More than 10,000"
)


class RegistrantQuery(NumberedQuery):
    """Which registrants to list; without a status only approved ones come. Paged by number or by token."""

    occurrence_id = number("Occurrence", "One time of a recurring event.")
    status = choice("Status", "Only registrants of this status.", REGISTRANT_STATUSES, initial="approved")
    next_page_token = text("Page token", "From the page before; lives 15 minutes.", allow_blank=True)


class CustomAnswer(Shape):
    """What a registrant answers to a question of one's own."""

    title = text("Question", "The question's wording.")
    value = text("Answer", "What was answered.", allow_blank=True)


class RegistrantDetails(Shape):
    """What a registrant may tell."""

    address = text("Address", "Street and number.", allow_blank=True)
    city = text("City", "Town.", allow_blank=True)
    country = text("Country", "Country.", allow_blank=True)
    zip = text("Postal code", "Zip or postal code.", allow_blank=True)
    state = text("State", "State or province.", allow_blank=True)
    phone = text("Phone", "With the country's code.", allow_blank=True)
    industry = text("Industry", "Line of business.", allow_blank=True)
    org = text("Organization", "Company or institution.", allow_blank=True)
    job_title = text("Job title", "Position held.", allow_blank=True)
    purchasing_time_frame = choice("Purchase planned", "When something may be bought.", TIME_FRAMES, allow_blank=True)
    role_in_purchase_process = choice("Role in the purchase", "Who decides.", ROLES, allow_blank=True)
    no_of_employees = choice("Employees", "Size of the organization.", EMPLOYEES, allow_blank=True)
    comments = text("Comments", "Questions and remarks.", allow_blank=True)
    custom_questions = several(CustomAnswer(), "Own questions")


class NewPerson(Shape):
    email = mail_address("E-mail", "Where the confirmation is sent.", required=True)
    first_name = text("First name", "The registrant's given name.", required=True)
    last_name = text("Last name", "The registrant's family name.", required=True)


class NewRegistrant(NewPerson, RegistrantDetails):
    """Somebody to register."""


class NewRegistrantQuery(Shape):
    occurrence_ids = codes("Occurrences", "Ids of the times to register for, separated by commas.")


class AddedRegistrant(Shape):
    """What the service tells about a new registrant."""

    registrant_id = text("Registrant id", "Names the registrant.")
    id = number("Id", "Of the meeting or webinar.")
    topic = text("Topic", "What it is about.", allow_blank=True)
    start_time = moment("Start", "When it starts, in UTC.")
    join_url = text("Join address", "This registrant's own.")


class RegistrantAnswers(RegistrantDetails):
    purchasing_time_frame = known("Purchase planned", "When something may be bought.", TIME_FRAMES, allow_blank=True)
    role_in_purchase_process = known("Role in the purchase", "Who decides.", ROLES, allow_blank=True)
    no_of_employees = known("Employees", "Size of the organization.", EMPLOYEES, allow_blank=True)


class RegisteredPerson(Shape):
    id = text("Registrant id", "Names the registrant.")
    email = text("E-mail", "Where the confirmation was sent.")
    first_name = text("First name", "The registrant's given name.")
    last_name = text("Last name", "The registrant's family name.", allow_blank=True)
    status = known("Status", "Whether the registrant may come.", REGISTRANT_STATUSES)
    create_time = moment("Registered", "When it was done.")
    join_url = text("Join address", "This registrant's own.", allow_blank=True)


class Registrant(RegisteredPerson, RegistrantAnswers):
    """One row of the list of registrants."""


class RegistrantRef(PersonRef):
    """A registrant, named by id, by e-mail, or by both."""

    id = text("Registrant id", "Names the registrant, unless an e-mail address does.")


class RegistrantChange(Shape):
    """Registrants to let in or not, at most 30 at a time."""

    action = choice("Change", "What happens to them.", REGISTRANT_ACTIONS, required=True)
    registrants = several(RegistrantRef(), "Registrants", at_most=BATCH)
