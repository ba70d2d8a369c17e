"""What the reports take and answer."""

from zoomapi.spec.base import Shape
from zoomapi.spec.catalogue import USER_TYPES
from zoomapi.spec.fields import amount, choice, day, known, minutes, moment, number, several, text
from zoomapi.spec.shapes import Period, PeriodNumberedQuery

HOST_KINDS = {"active": "Active hosts", "inactive": "Inactive hosts"}
AUDIO_KINDS = {1: "Toll-free call-in and call-out"}


class MonthQuery(Shape):
    """A month of the last six."""

    year = number("Year", "Four digits; this year when missing.", min_value=1000, max_value=9999)
    month = number("Month", "1 to 12; this month when missing.", min_value=1, max_value=12)


class DayTotals(Shape):
    """What happened on one day."""

    date = day("Date", "The day.")
    new_users = number("New users", "How many came.")
    meetings = number("Meetings", "How many took place.")
    participants = number("Participants", "How many took part.")
    meeting_minutes = number("Minutes", "Of all participants together.")


class DailyReport(Shape):
    """One month, day by day."""

    year = number("Year", "Four digits.")
    month = number("Month", "1 to 12.")
    dates = several(DayTotals(), "Days")


class HostQuery(PeriodNumberedQuery):
    type = choice("Hosts", "Those who held a meeting, or those who did not.", HOST_KINDS)


class HostTotals(Period):
    """Totals over all hosts."""

    total_meetings = number("Meetings", "How many took place.")
    total_participants = number("Participants", "How many took part.")
    total_meeting_minutes = number("Minutes", "Of all participants together.")


class Host(Shape):
    """One user's meetings in the period."""

    id = text("User id", "Names the user.")
    email = text("E-mail", "The sign-in address; empty when the user is gone.", allow_blank=True)
    user_name = text("Name", "The user's name.")
    type = known("Type", "The kind of licence.", USER_TYPES)
    dept = text("Department", "The user's department.", allow_blank=True)
    meetings = number("Meetings", "How many the user held.")
    participants = number("Participants", "How many took part.")
    meeting_minutes = number("Minutes", "Of all participants together.")


class ReportedParticipant(Shape):
    """One stay of one participant; who leaves and comes back has several."""

    id = text("Participant id", "Names the person.", allow_blank=True)
    user_id = text("Id in the meeting", "Names the stay.")
    name = text("Name", "As shown in the meeting.", allow_blank=True)
    user_email = text("E-mail", "Known only of people who signed in.", allow_blank=True)
    join_time = moment("Joined", "When the stay began.")
    leave_time = moment("Left", "When the stay ended.")
    duration = number("Duration", "Seconds.")


class MeetingParticipant(ReportedParticipant):
    attentiveness_score = number("Attention", "Percent of the time the window was in front.")


class WebinarParticipant(ReportedParticipant):
    attentiveness_score = text("Attention", "Percent of the time the window was in front.", allow_blank=True)


class QuestionAnswer(Shape):
    question = text("Question", "What was asked.")
    answer = text("Answer", "What was answered.", allow_blank=True)


class PersonAnswers(Shape):
    """All of one person's."""

    name = text("Name", "Who it was.", allow_blank=True)
    email = text("E-mail", "The person's address.", allow_blank=True)
    question_details = QuestionAnswer(many=True, required=False, label="Questions and answers")


class QuestionReport(Shape):
    """Polls, or questions and answers, of one instance, person by person."""

    id = number("Id", "9 to 11 digits.")
    uuid = text("UUID", "Names this instance; may contain slashes.")
    start_time = moment("Start", "When it started.")
    questions = several(PersonAnswers(), "People")


class TelephoneQuery(PeriodNumberedQuery):
    type = choice("Kind", "Which calls.", AUDIO_KINDS, initial=1)


class PhoneCall(Shape):
    """One call into or out of a meeting."""

    meeting_id = number("Meeting id", "9 to 11 digits.")
    phone_number = text("Phone", "The number of the telephone.")
    host_name = text("Host", "The host's name.")
    host_email = text("Host's e-mail", "The host's sign-in address; empty when the user is gone.", allow_blank=True)
    dept = text("Department", "The host's department.", allow_blank=True)
    start_time = moment("Start", "When the call began.")
    end_time = moment("End", "When the call ended.")
    duration = minutes("Duration")
    total = amount("Cost", "What the call cost.")
