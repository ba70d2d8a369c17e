"""Settings of one user, one shape a section."""

from zoomapi.spec.base import Shape
from zoomapi.spec.catalogue import AUDIO_TYPES, AUTO_RECORDING
from zoomapi.spec.catalogue.plans import LARGE_MEETING_SIZES, WEBINAR_SIZES
from zoomapi.spec.fields import AUDIO_INFO_LENGTH, choice, flag, known, number, text

CHIMES = {"host": "When the host comes or goes", "all": "When anybody comes or goes", "none": "Never"}
LARGE_MEETING_CAPACITIES = {size: f"{size} participants" for size in LARGE_MEETING_SIZES}
WEBINAR_CAPACITIES = {size: f"{size} attendees" for size in WEBINAR_SIZES}


class ScheduledMeeting(Shape):
    host_video = flag("Host video on", "The host's camera is on when a meeting starts.")
    participants_video = flag("Participant video on", "Cameras of participants are on at first.")
    audio_type = choice("Audio", "How people hear and speak in a meeting.", AUDIO_TYPES, initial="voip")
    join_before_host = flag("Join before host", "People may enter a meeting while its host is still absent.")
    force_pmi_jbh_password = flag(
        "Password for personal meetings", "Ask for one when people may enter a personal meeting before its host."
    )
    pstn_password_protected = flag("Password by phone", "Who dials in must key in a generated password.")


class UserInMeeting(Shape):
    e2e_encryption = flag("Encryption", "Meetings are encrypted end to end.")
    chat = flag("Chat", "Participants may write to everybody.", initial=False)
    private_chat = flag("Private chat", "Participants may write to one other person.", initial=False)
    auto_saving_chat = flag("Save chat", "Chat is saved without the host doing it by hand.", initial=False)
    entry_exit_chime = choice("Chime", "Whose coming and going is heard.", CHIMES)
    record_play_voice = flag("Play own voice", "A caller's recorded name is played on entering.")
    file_transfer = flag("Files in chat", "Files may be sent through the chat.", initial=False)
    feedback = flag("Feedback to Zoom", "People may send feedback to Zoom.", initial=False)
    co_host = flag("Co-hosts", "The host may name co-hosts.", initial=False)
    polling = flag("Polls", "The host may run polls.", initial=False)
    attendee_on_hold = flag("Put on hold", "The host may send a participant out for a while.", initial=False)
    annotation = flag("Annotation", "Participants may draw on a shared screen.", initial=False)
    remote_control = flag("Remote control", "A viewer may ask to steer a shared screen.", initial=False)
    non_verbal_feedback = flag("Non-verbal feedback", "Participants may raise a hand or show a sign.", initial=False)
    breakout_room = flag("Breakout rooms", "A meeting may be split into smaller rooms.", initial=False)
    remote_support = flag("Remote support", "The host may help a participant on that person's computer.", initial=False)
    closed_caption = flag("Closed captions", "Captions may be typed or come from a service.", initial=False)
    group_hd = flag("Group HD", "Better video for all; uses more bandwidth.", initial=False)
    virtual_background = flag("Virtual background", "A picture may replace what is behind a person.", initial=False)
    far_end_camera_control = flag("Far-end camera control", "Somebody else may steer the camera.", initial=False)
    share_dual_camera = flag("Second camera", "No longer in use at Zoom: show two cameras at once.", initial=False)
    attention_tracking = flag("Attention indicator", "The host sees who has another window in front.", initial=False)
    waiting_room = flag("Waiting room", "People wait until the host lets them in.", initial=False)


class UserEmailNotification(Shape):
    jbh_reminder = flag("Joined before host", "Mail when people are waiting in the meeting.", initial=False)
    cancel_meeting_reminder = flag("Meeting cancelled", "Mail when a meeting will not take place.", initial=False)
    alternative_host_reminder = flag("Alternative host", "Mail when one is named or removed.", initial=False)


class UserRecording(Shape):
    local_recording = flag("Local recording", "Meetings may be recorded on a computer.")
    cloud_recording = flag("Cloud recording", "Meetings may be recorded in the cloud.", initial=False)
    record_speaker_view = flag("Record speaker", "Keep the active speaker with the shared screen.", initial=False)
    record_gallery_view = flag("Record gallery", "Keep everybody with the shared screen.", initial=False)
    record_audio_file = flag("Record sound", "Keep the sound in a file of its own.", initial=False)
    save_chat_text = flag("Save chat", "Keep the chat with the recording.", initial=False)
    show_timestamp = flag("Show time", "The time is visible in the picture.", initial=False)
    recording_audio_transcript = flag("Transcript", "Spoken words are written down automatically.")
    auto_recording = choice(
        "Record automatically", "What is recorded without being asked.", AUTO_RECORDING, initial="local"
    )
    auto_delete_cmr = flag("Delete automatically", "Cloud recordings are removed after some days.", initial=False)
    auto_delete_cmr_days = number(
        "Days until deletion", "1 to 60, counted while automatic deletion is on.", min_value=1, max_value=60
    )


class UserTelephony(Shape):
    third_party_audio = flag("Other audio provider", "People may dial in through another provider.")
    audio_conference_info = text(
        "Provider's details", "Dial-in details of the provider.", max_length=AUDIO_INFO_LENGTH, allow_blank=True
    )
    show_international_numbers_link = flag("International numbers", "Invitations link to numbers of other countries.")


class UserFeature(Shape):
    meeting_capacity = number("Meeting capacity", "Most participants in one meeting.", min_value=1)
    large_meeting = flag("Large meetings", "The user holds a large-meeting licence.")
    large_meeting_capacity = choice(
        "Large meeting capacity", "Must be covered by a plan of the account.", LARGE_MEETING_CAPACITIES
    )
    webinar = flag("Webinars", "The user holds a webinar licence.")
    webinar_capacity = choice("Webinar capacity", "Must be covered by a plan of the account.", WEBINAR_CAPACITIES)


class UserFeatureAnswer(UserFeature):
    """Two members can be read but not written, and a user without a licence has a capacity of 0."""

    large_meeting_capacity = known("Large meeting capacity", "0 without a licence.", LARGE_MEETING_CAPACITIES)
    webinar_capacity = known("Webinar capacity", "0 without a licence.", WEBINAR_CAPACITIES)
    cn_meeting = flag("Meetings in China", "The user may hold meetings through servers in China.")
    in_meeting = flag("Meetings in India", "The user may hold meetings through servers in India.")


class UserSettings(Shape):
    """Every setting of a user that can be written, in six sections."""

    scheduled_meeting = ScheduledMeeting(required=False, label="Scheduling meetings")
    in_meeting = UserInMeeting(required=False, label="In meetings")
    email_notification = UserEmailNotification(required=False, label="E-mail notifications")
    recording = UserRecording(required=False, label="Recording")
    telephony = UserTelephony(required=False, label="Telephony")
    feature = UserFeature(required=False, label="Features")


class UserSettingsAnswer(UserSettings):
    feature = UserFeatureAnswer(required=False, label="Features")
