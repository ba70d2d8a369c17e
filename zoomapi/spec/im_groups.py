"""Groups of chat contacts (section "IM Groups")."""

from zoomapi.spec.base import Effect, Endpoint, Family, Paging, Shape, page
from zoomapi.spec.fields import choice, flag, known, number, several, text
from zoomapi.spec.groups import AddedMembers, Member
from zoomapi.spec.shapes import NumberedQuery, PersonRef

IM_GROUP_NAME_LENGTH = 128
IM_BATCH = 10  # most people one call adds
IM_GROUP_TYPES = {
    "normal": "Normal: members see each other, others can search for them",
    "shared": "Shared: everybody in the account sees it",
    "restricted": "Restricted: only members see it or find each other",
}


class ImGroupChange(Shape):
    """Properties of an IM group that can be written."""

    name = text("Name", "Unique in its account; at most 128 characters.", max_length=IM_GROUP_NAME_LENGTH)
    type = choice("Type", "Who sees the group and its members.", IM_GROUP_TYPES)
    search_by_domain = flag("Search by domain", "Members find people of the same e-mail domain.")
    search_by_account = flag("Search by account", "Members find people of the same account.")
    search_by_ma_account = flag("Search everywhere", "Members find people of all accounts below the same master.")


class NewImGroup(ImGroupChange):
    type = choice("Type", "Who sees the group and its members.", IM_GROUP_TYPES, initial="normal")


class ImGroup(ImGroupChange):
    """One IM group."""

    id = text("Group id", "Names the group in every later call.")
    type = known("Type", "Who sees the group and its members.", IM_GROUP_TYPES)
    total_members = number("Members", "How many users are in the group.")


class NewImMembers(Shape):
    """Users to put into an IM group."""

    members = several(PersonRef(), "Members", at_most=IM_BATCH)


class ImGroups(Family):
    label = "IM groups"

    list = Endpoint(
        "GET",
        "/im/groups",
        title="List IM groups",
        query=NumberedQuery,
        reply=page("groups", ImGroup),
        paging=Paging.NUMBERED,
        item_key="groups",
        mirror=True,
    )
    create = Endpoint(
        "POST",
        "/im/groups",
        title="Create an IM group",
        body=NewImGroup,
        reply=ImGroup,
        status=201,
        remote_key="name",
        mirror=True,
    )
    get = Endpoint("GET", "/im/groups/{groupId}", title="Show an IM group", reply=ImGroup, mirror=True)
    update = Endpoint(
        "PATCH",
        "/im/groups/{groupId}",
        title="Change an IM group",
        body=ImGroupChange,
        status=204,
        partial=True,
        mirror=True,
    )
    delete = Endpoint("DELETE", "/im/groups/{groupId}", title="Delete an IM group", status=204, mirror=True)
    members = Endpoint(
        "GET",
        "/im/groups/{groupId}/members",
        title="List an IM group's members",
        query=NumberedQuery,
        reply=page("members", Member),
        paging=Paging.NUMBERED,
        item_key="members",
        mirror=True,
    )
    add_members = Endpoint(
        "POST",
        "/im/groups/{groupId}/members",
        title="Add members to an IM group",
        body=NewImMembers,
        reply=AddedMembers,
        status=201,
        effect=Effect.CREATE_KEYED,
        mirror=True,
    )
    delete_member = Endpoint(
        "DELETE",
        "/im/groups/{groupId}/members/{memberId}",
        title="Take a member out of an IM group",
        status=204,
        mirror=True,
    )
