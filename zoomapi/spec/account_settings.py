"""Settings of a sub-account, one shape a section. Wire names keep the specification's spelling, labels do not."""

from zoomapi.spec.base import Shape
from zoomapi.spec.catalogue import AUDIO_TYPES, AUTO_RECORDING
from zoomapi.spec.fields import AUDIO_INFO_LENGTH, choice, flag, number, ports, text


class ScheduleMeeting(Shape):
    host_video = flag("Host video on", "The host's camera is on when a meeting starts.")
    participant_video = flag("Participant video on", "Cameras of participants are on at first; each may turn it off.")
    audio_type = choice("Audio", "How people hear and speak in a meeting.", AUDIO_TYPES, initial="both")
    join_before_host = flag("Join before host", "People may enter a meeting while its host is still absent.")
    enforce_login = flag("Sign-in needed", "Only people signed in to Zoom may join.")
    enforce_login_with_domains = flag("Sign-in by domain", "Only people of the listed domains may join.")
    enforce_login_domains = text("Allowed domains", "Domains separated by commas.", allow_blank=True)
    not_store_meeting_topic = flag("Hide topics", "Show a neutral topic in place of the real one.")
    force_pmi_jbh_password = flag(
        "Password for personal meetings", "Ask for one when people may enter a personal meeting before its host."
    )


class InMeeting(Shape):
    e2e_encryption = flag("Encryption", "Every meeting must be encrypted end to end (AES).")
    chat = flag("Chat", "Participants may write to everybody.")
    private_chat = flag("Private chat", "Participants may write to one other person.")
    auto_saving_chat = flag("Save chat", "Chat is saved without the host doing it by hand.")
    file_transfer = flag("Files in chat", "Files may be sent through the chat.")
    feedback = flag("Feedback to Zoom", "Apps offer a feedback tab, and ask when a meeting ends.")
    post_meeting_feedback = flag("Survey at the end", "Ask for thumbs up or down after each meeting.")
    co_host = flag("Co-hosts", "A host may name co-hosts.")
    polling = flag("Polls", "Hosts may run polls.")
    attendee_on_hold = flag("Put on hold", "A host may send a participant out for a while.")
    show_meeting_control_toolbar = flag("Keep toolbar visible", "Meeting controls never hide.")
    allow_show_zoom_windows = flag("Show Zoom windows", "Zoom's own windows are visible in a shared screen.")
    annotation = flag("Annotation", "Participants may draw on a shared screen.")
    whiteboard = flag("Whiteboard", "Participants may share a whiteboard.")
    webinar_question_answer = flag("Webinar questions", "Webinars have questions and answers.")
    anonymous_question_answer = flag("Anonymous questions", "Webinar questions may come without a name.")
    breakout_room = flag("Breakout rooms", "A host may split a meeting into smaller rooms.")
    closed_caption = flag("Closed captions", "Captions may be typed by the host, a participant or a service.")
    far_end_camera_control = flag("Far-end camera control", "Somebody else may steer a camera.")
    group_hd = flag("Group HD", "Better video for all; uses more bandwidth.")
    virtual_background = flag("Virtual background", "A picture may replace what is behind a person.")
    watermark = flag("Watermark", "Shared screens carry the viewer's mark.")
    alert_guest_join = flag("Mark guests", "Guests are marked as such.")
    auto_answer = flag("Auto-answer group", "Contacts in this group are put through at once.")
    p2p_connetion = flag("Peer-to-peer connection", "Two people alone connect directly.")
    p2p_ports = flag("Peer-to-peer port range", "Direct connections listen on chosen ports only.")
    ports_range = text(
        "Listening ports", "Numbers from 1 to 65535 separated by a comma.", validators=[ports], allow_blank=True
    )
    sending_default_email_invites = flag("Default e-mail only", "Invitations offer the default mail program only.")
    use_html_format_email = flag("HTML invitations", "The Outlook plugin writes formatted mails.")
    dscp_marking = flag("DSCP marking", "Packets carry a quality-of-service mark.")
    dscp_audio = number("DSCP for audio", "Mark of audio packets, 1 to 63.", min_value=1, max_value=63)
    dscp_video = number("DSCP for video", "Mark of video packets, 1 to 63.", min_value=1, max_value=63)
    stereo_audio = flag("Stereo", "Users may choose stereo sound in their app.")
    original_audio = flag("Original sound", "Users may turn off sound processing in their app.")
    screen_sharing = flag("Screen sharing", "Screens may be shared.")
    remote_control = flag("Remote control", "A viewer may ask to steer a shared screen.")
    attention_tracking = flag("Attention indicator", "A host sees who has another window in front.")


class EmailNotification(Shape):
    cloud_recording_avaliable_reminder = flag("Cloud recording available", "Mail the host when a recording is ready.")
    jbh_reminder = flag("Joined before host", "Mail the host when people are waiting in the meeting.")
    cancel_meeting_reminder = flag("Meeting cancelled", "Mail host and participants.")
    low_host_count_reminder = flag("Licences running low", "Mail when few host licences are left.")
    alternative_host_reminder = flag("Alternative host", "Mail when one is named or removed.")


class ZoomRooms(Shape):
    upcoming_meeting_alert = flag("Upcoming meeting alert", "Rooms announce the next meeting.")
    start_airplay_manually = flag("Start AirPlay by hand", "AirPlay waits until somebody starts it.")
    weekly_system_restart = flag("Weekly restart", "Rooms restart once a week.")
    list_meetings_with_calendar = flag("Calendar list", "Rooms show meetings of their calendar.")
    zr_post_meeting_feedback = flag("Room feedback", "Rooms ask for feedback after a meeting.")
    ultrasonic = flag("Ultrasonic sharing", "Devices near a room are found by sound.")
    force_private_meeting = flag("All meetings private", "Rooms treat every meeting as private.")
    hide_host_information = flag("Hide host", "Private meetings show neither host nor number.")
    cmr_for_instant_meeting = flag("Record instant meetings", "Instant meetings are recorded in the cloud.")
    auto_start_stop_scheduled_meetings = flag("Start and stop by schedule", "Rooms follow the calendar by themselves.")


class Security(Shape):
    admin_change_name_pic = flag("Names by administrators", "Only they change a user's name and picture.")
    import_photos_from_devices = flag("Photos from devices", "Users may take photos from their device's library.")
    hide_billing_info = flag("Hide billing", "Billing pages are hidden.")


class Recording(Shape):
    local_recording = flag("Local recording", "Meetings may be recorded on a computer.")
    cloud_recording = flag("Cloud recording", "Hosts may record in the cloud.")
    record_speaker_view = flag("Record speaker", "Keep the active speaker with the shared screen.")
    record_gallery_view = flag("Record gallery", "Keep everybody with the shared screen.")
    record_audio_file = flag("Record sound", "Keep the sound in a file of its own.")
    save_chat_text = flag("Save chat", "Keep the chat with the recording.")
    show_timestamp = flag("Show time", "The time is visible in the picture.")
    recording_audio_transcript = flag("Transcript", "Spoken words are written down automatically.")
    auto_recording = choice("Record automatically", "What is recorded without being asked.", AUTO_RECORDING)
    cloud_recording_download = flag("Recording downloads", "Cloud recordings may be downloaded.")
    cloud_recording_download_host = flag("Downloads by host only", "Nobody else may download a cloud recording.")
    account_user_access_recording = flag("Recordings inside only", "Links to recordings work for account members only.")
    auto_delete_cmr = flag("Delete automatically", "Cloud recordings are removed for good after some days.")
    auto_delete_cmr_days = number(
        "Days until deletion", "1 to 60, counted while automatic deletion is on.", min_value=1, max_value=60
    )


class Telephony(Shape):
    third_party_audio = flag("Other audio provider", "People may dial in through the configured provider.")
    audio_conference_info = text(
        "Provider's details", "Dial-in details of the provider.", max_length=AUDIO_INFO_LENGTH, allow_blank=True
    )


class Integration(Shape):
    google_calendar = flag("Google Calendar", "Meetings may be scheduled from it.")
    google_drive = flag("Google Drive", "Phones may share files from it.")
    dropbox = flag("Dropbox", "Phones may share files from it.")
    box = flag("Box", "Phones may share files from it.")
    microsoft_one_drive = flag("Microsoft OneDrive", "Phones may share files from it.")
    kubi = flag("Kubi", "Users may steer a connected Kubi stand.")


class Feature(Shape):
    meeting_capacity = number("Meeting capacity", "Most participants in one meeting.", initial=100, min_value=1)


class AccountSettings(Shape):
    """Every setting of a sub-account, in nine sections."""

    schedule_meting = ScheduleMeeting(required=False, label="Scheduling meetings")
    in_meeting = InMeeting(required=False, label="In meetings")
    email_notification = EmailNotification(required=False, label="E-mail notifications")
    zoom_rooms = ZoomRooms(required=False, label="Zoom Rooms")
    security = Security(required=False, label="Security")
    recording = Recording(required=False, label="Recording")
    telephony = Telephony(required=False, label="Telephony")
    integration = Integration(required=False, label="Integrations")
    feature = Feature(required=False, label="Features")
