"""The Zoom v2 API as a server of its own: same spec, its own settings, its own SQLite file.

Start it with ``python -m zoomapi.sandbox`` (or ``manage.py sandbox``). A request goes through ``server`` (HTTP),
``app`` (authentication, rate limits, faults), ``routing`` and ``validation`` (both driven by ``zoomapi.spec``) to one
function in ``handlers``, which reads and writes ``models``. Known differences from the document: DIFFERENCES.md.
"""
