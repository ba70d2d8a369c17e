"""Webinars of a user, their panelists and registrants (section "Webinars")."""

from zoomapi.spec.base import Effect, Endpoint, Family, Paging, Shape, page
from zoomapi.spec.fields import choice, flag, known, mail_address, moment, number, several, text
from zoomapi.spec.registration import (
    AddedRegistrant,
    NewRegistrant,
    NewRegistrantQuery,
    Registrant,
    RegistrantChange,
    RegistrantQuery,
)
from zoomapi.spec.schedule import (
    WEBINAR_TYPES,
    Event,
    EventRow,
    EventSettings,
    EventSettingsAnswer,
    OccurrenceQuery,
    Schedule,
)
from zoomapi.spec.shapes import NumberedQuery, PageNumber

WEBINAR_STATUSES = {"end": "End for everybody"}


class WebinarSettings(EventSettings):
    panelists_video = flag("Panelists' video on", "Cameras of panelists are on at the start.")
    practice_session = flag("Practice session", "Host and panelists may rehearse before.", initial=False)
    hd_video = flag("HD video", "Use better video from the start.", initial=False)
    close_registration = flag("Close registration", "Nobody can register after the date.")
    show_share_button = flag("Share buttons", "The registration page links to social networks.")
    allow_multiple_devices = flag("Several devices", "One attendee may join from more than one device.")


class WebinarSettingsChange(WebinarSettings):
    registrants_confirmation_email = flag("Confirm by e-mail", "Registrants get a confirmation.")


class WebinarSettingsAnswer(EventSettingsAnswer, WebinarSettings):
    """Settings as they are."""


class NewWebinar(Schedule):
    """A webinar to schedule. Everything is optional."""

    type = choice("Type", "The kind of webinar.", WEBINAR_TYPES, initial=5)
    settings = WebinarSettings(required=False, label="Settings")


class WebinarChange(NewWebinar):
    settings = WebinarSettingsChange(required=False, label="Settings")


class WebinarRow(EventRow):
    """One row of the list of webinars."""

    type = known("Type", "The kind of webinar.", WEBINAR_TYPES)


class Webinar(Event):
    """One webinar with everything the service tells."""

    type = known("Type", "The kind of webinar.", WEBINAR_TYPES)
    settings = WebinarSettingsAnswer(required=False, label="Settings")


class WebinarAction(Shape):
    status = choice("Change", "What happens to the running webinar.", WEBINAR_STATUSES)


class Panelist(Shape):
    """Somebody on the panel."""

    id = text("Panelist id", "Names the panelist.")
    name = text("Name", "As shown in the webinar.")
    email = text("E-mail", "Where the invitation was sent.")
    join_url = text("Join address", "This panelist's own.")


class PanelistList(Shape):
    """All panelists of a webinar, in one answer."""

    total_records = number("Panelists", "How many there are.")
    panelists = Panelist(many=True)


class NewPanelist(Shape):
    name = text("Name", "As shown in the webinar.")
    email = mail_address("E-mail", "Where the invitation is sent.")


class NewPanelists(Shape):
    """People to put on the panel."""

    panelists = several(NewPanelist(), "Panelists")


class AddedPanelist(Shape):
    id = text("Panelist id", "Names the panelist.")
    join_url = text("Join address", "This panelist's own.")


class Instance(Shape):
    """One time a webinar took place."""

    uuid = text("UUID", "Names this instance; may contain slashes.")
    start_time = moment("Start", "When it started.")


class Instances(Shape):
    """All of them, in one answer."""

    webinars = Instance(many=True)


class Webinars(Family):
    label = "Webinars"

    list = Endpoint(
        "GET",
        "/users/{userId}/webinars",
        title="List a user's webinars",
        query=NumberedQuery,
        reply=page("webinars", WebinarRow),
        paging=Paging.NUMBERED,
        item_key="webinars",
        mirror=True,
    )
    create = Endpoint(
        "POST",
        "/users/{userId}/webinars",
        title="Schedule a webinar",
        body=NewWebinar,
        reply=Webinar,
        status=201,
        remote_key="topic",
        mirror=True,
    )
    get = Endpoint("GET", "/webinars/{webinarId}", title="Show a webinar", reply=Webinar, mirror=True)
    update = Endpoint(
        "PATCH",
        "/webinars/{webinarId}",
        title="Change a webinar",
        body=WebinarChange,
        status=204,
        partial=True,
        mirror=True,
    )
    delete = Endpoint(
        "DELETE",
        "/webinars/{webinarId}",
        title="Delete a webinar or one occurrence",
        query=OccurrenceQuery,
        status=204,
        mirror=True,
    )
    update_status = Endpoint(
        "PUT", "/webinars/{webinarId}/status", title="End a webinar", body=WebinarAction, status=204, mirror=True
    )
    panelists = Endpoint(
        "GET",
        "/webinars/{webinarId}/panelists",
        title="List a webinar's panelists",
        reply=PanelistList,
        item_key="panelists",
        mirror=True,
    )
    add_panelists = Endpoint(
        "POST",
        "/webinars/{webinarId}/panelists",
        title="Add panelists to a webinar",
        body=NewPanelists,
        reply=AddedPanelist,
        status=201,
        effect=Effect.CREATE_KEYED,
        mirror=True,
        odd_mirror=("PUT", "/accounts/{accountId}/webinars/{webinarId}/panelists"),
    )
    delete_panelists = Endpoint(
        "DELETE", "/webinars/{webinarId}/panelists", title="Remove all panelists of a webinar", status=204, mirror=True
    )
    delete_panelist = Endpoint(
        "DELETE",
        "/webinars/{webinarId}/panelists/{panelistId}",
        title="Remove one panelist of a webinar",
        status=204,
        mirror=True,
    )
    registrants = Endpoint(
        "GET",
        "/webinars/{webinarId}/registrants",
        title="List a webinar's registrants",
        query=RegistrantQuery,
        reply=page("registrants", Registrant, Paging.TOKEN, base=PageNumber),
        paging=Paging.NUMBERED,
        item_key="registrants",
        mirror=True,
    )
    add_registrant = Endpoint(
        "POST",
        "/webinars/{webinarId}/registrants",
        title="Register somebody for a webinar",
        query=NewRegistrantQuery,
        body=NewRegistrant,
        reply=AddedRegistrant,
        status=201,
        effect=Effect.CREATE_KEYED,
        remote_key="email",
        mirror=True,
    )
    update_registrants_status = Endpoint(
        "PUT",
        "/webinars/{webinarId}/registrants/status",
        title="Approve, deny or cancel a webinar's registrants",
        query=OccurrenceQuery,
        body=RegistrantChange,
        status=204,
        mirror=True,
    )
    past_instances = Endpoint(
        "GET",
        "/past_webinars/{webinarId}/instances",
        title="List when a webinar took place",
        reply=Instances,
        item_key="webinars",
    )
