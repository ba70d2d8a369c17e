"""What is known of meetings and webinars that run or are over.

A ``Session`` row holds the sums (participants, minutes, telephone calls); everything finer is made from its seed when
somebody asks, always alike, and adds up to them:

- ``sessions``: looking for instances by account, host, number or UUID, in a span of days, live or over
- ``people``: participants with times, devices and networks; who shared what
- ``quality``: a participant's network and processor samples, minute by minute
- ``questions``: polls of meetings and webinars, questions and answers of webinars
- ``phone``: telephone calls, and the ports H.323 and SIP devices used, hour by hour
- ``recordings``: files, the trash
- ``chat``: conversations and their messages
- ``rooms``: Zoom Rooms
"""
