"""H.323 and SIP devices of an account (section "Devices")."""

from zoomapi.spec.base import Endpoint, Family, Paging, Shape, page
from zoomapi.spec.fields import choice, known, text
from zoomapi.spec.shapes import NumberedQuery

PROTOCOLS = {"H.323": "H.323", "SIP": "SIP"}
ENCRYPTIONS = {"auto": "When the device can", "yes": "Always", "no": "Never"}


class NewDevice(Shape):
    """All there is to say of a device; a change needs all of it, too."""

    name = text("Name", "At most 64 characters.", max_length=64, required=True)
    protocol = choice("Protocol", "How the device talks.", PROTOCOLS, required=True)
    ip = text("Address", "IP address of the device.", required=True)
    encryption = choice("Encryption", "Whether calls are encrypted.", ENCRYPTIONS, required=True)


class Device(Shape):
    """One device."""

    id = text("Device id", "Names the device in every later call.")
    name = text("Name", "The device's name.")
    protocol = known("Protocol", "How the device talks.", PROTOCOLS)
    ip = text("Address", "IP address of the device.")
    encryption = known("Encryption", "Whether calls are encrypted.", ENCRYPTIONS)


class Devices(Family):
    label = "Devices"

    list = Endpoint(
        "GET",
        "/h323/devices",
        title="List devices",
        query=NumberedQuery,
        reply=page("devices", Device),
        paging=Paging.NUMBERED,
        item_key="devices",
    )
    create = Endpoint(
        "POST", "/h323/devices", title="Create a device", body=NewDevice, reply=Device, status=201, remote_key="name"
    )
    update = Endpoint("PATCH", "/h323/devices/{deviceId}", title="Replace a device", body=NewDevice, status=204)
    delete = Endpoint("DELETE", "/h323/devices/{deviceId}", title="Delete a device", status=204)
