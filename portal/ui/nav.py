"""The side navigation: one line a place, shown to those who hold its right.

A place appears by itself once its URL name resolves, so a new room adds one line here and nothing else.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class NavItem:
    """One link. ``right`` is the value of a ``portal.access.rights.Right``; empty means everybody signed in.

    ``under`` are further URL prefixes (namespaces) that belong to this place, for the "you are here" mark.
    """

    label: str
    url_name: str
    icon: str
    right: str = ""
    section: str = ""
    under: tuple[str, ...] = ()

    @property
    def namespace(self) -> str:
        return self.url_name.rpartition(":")[0]


@dataclass
class Link:
    label: str
    url: str
    icon: str
    is_current: str = ""


@dataclass
class Section:
    label: str
    items: list[Link] = field(default_factory=list)


ITEMS: list[NavItem] = [
    NavItem("Home", "home", "home"),
    NavItem("Sub-accounts", "accounts:list", "building-office-2", "view", "Zoom", ("billing",)),
    NavItem("Users", "users:list", "users", "view", "Zoom"),
    NavItem("Groups", "groups:list", "user-group", "view", "Zoom"),
    NavItem("Meetings", "meetings:list", "video-camera", "view", "Zoom"),
    NavItem("Webinars", "webinars:list", "presentation-chart-line", "view", "Zoom"),
    NavItem("Recordings", "recordings:list", "film", "view", "Zoom"),
    NavItem("Telephony", "telephony:list", "phone", "view", "Zoom"),
    NavItem("Devices", "devices:list", "computer-desktop", "view", "Zoom"),
    NavItem("Webhooks", "webhooks:list", "bolt", "view", "Zoom"),
    NavItem("Reports", "reports:list", "chart-bar", "view", "Zoom"),
    NavItem("Dashboards", "dashboards:list", "presentation-chart-bar", "view", "Zoom"),
    NavItem("Jobs", "bulk:list", "queue-list", "view", "Work"),
    NavItem("Import users", "bulk:upload", "arrow-up-tray", "write", "Work"),
    NavItem("Bulk from a file", "bulk:file_kinds", "table-cells", "write", "Work"),
    NavItem("Console", "console:list", "command-line", "view", "Work"),
    NavItem("Audit", "audit:list", "shield-check", "audit", "Work"),
    NavItem("API budget", "bulk:budget", "scale", "budget", "Work"),
    NavItem("Connections", "gateway:list", "link", "connections", "Administration"),
    NavItem("Staff", "access:staff", "identification", "staff", "Administration"),
]
PERSON: list[NavItem] = [
    NavItem("Your settings", "access:profile", "cog-6-tooth"),
    NavItem("Change password", "account_change_password", "key"),
]


def address(url_name: str) -> str:
    """Return the path of that URL name, or an empty text while no such page exists."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def links(items: Iterable[NavItem], may: Callable[[str], bool]) -> Iterator[tuple[NavItem, Link]]:
    """Yield the places that exist and that the person may enter."""
    for item in items:
        url = address(item.url_name)
        if url and (not item.right or may(item.right)):
            yield item, Link(item.label, url, item.icon)


def place_of(view_name: str) -> Link | None:
    """The place that a page belongs to: where its list, read anew, is found. None for pages of no place."""
    namespace = view_name.rpartition(":")[0]
    for item in ITEMS:
        if namespace and namespace in (item.namespace, *item.under) and (url := address(item.url_name)):
            return Link(item.label, url, item.icon)
    return None


def sections(may: Callable[[str], bool], path: str, view_name: str, place: str = "") -> list[Section]:
    """Build the navigation. The link of this very page is marked "page", that of its room "true".

    ``place`` is the URL name of the link a page belongs to, where several links share a room.
    """
    found: list[Section] = []
    pairs = list(links(ITEMS, may))
    named = next((link for item, link in pairs if item.url_name == place), None)
    exact = next((link for _, link in pairs if link.url == path and named in (None, link)), None)
    namespace = view_name.rpartition(":")[0]
    room = named or next(
        (link for item, link in pairs if namespace and namespace in (item.namespace, *item.under)), None
    )
    if exact:
        exact.is_current = "page"
    elif room:
        room.is_current = "true"
    for item, link in pairs:
        if not found or found[-1].label != item.section:
            found.append(Section(item.section))
        found[-1].items.append(link)
    return found
