"""Groups of users (section "Groups")."""

from zoomapi.spec.base import Effect, Endpoint, Family, Paging, Shape, page
from zoomapi.spec.catalogue import USER_TYPES
from zoomapi.spec.fields import known, moment, number, several, text
from zoomapi.spec.shapes import BATCH, NumberedQuery, PersonRef

GROUP_NAME_LENGTH = 127


class GroupName(Shape):
    """A group's only property that can be written."""

    name = text("Name", "Unique in its account; fewer than 128 characters.", max_length=GROUP_NAME_LENGTH)


class Group(Shape):
    """One group."""

    id = text("Group id", "Names the group in every later call.")
    name = text("Name", "The group's name.")
    total_members = number("Members", "How many users are in the group.")


class GroupList(Shape):
    """All groups of an account, in one answer."""

    total_records = number("Groups", "How many groups there are.")
    groups = Group(many=True)


class Member(Shape):
    """A user in a group."""

    id = text("User id", "Names the user in every later call.")
    email = text("E-mail", "The user's sign-in address.")
    first_name = text("First name", "The user's given name.")
    last_name = text("Last name", "The user's family name.")
    type = known("Type", "The kind of licence.", USER_TYPES)


class NewMembers(Shape):
    """Users to put into a group."""

    members = several(PersonRef(), "Members", at_most=BATCH)


class AddedMembers(Shape):
    """Who was added, and when."""

    ids = text("User ids", "The users who were added, separated by commas.")
    added_at = moment("Added", "When they were added.")


class Groups(Family):
    label = "Groups"

    list = Endpoint("GET", "/groups", title="List groups", reply=GroupList, item_key="groups", mirror=True)
    create = Endpoint(
        "POST",
        "/groups",
        title="Create a group",
        body=GroupName,
        reply=Group,
        status=201,
        effect=Effect.CREATE,
        remote_key="name",
        mirror=True,
    )
    get = Endpoint("GET", "/groups/{groupId}", title="Show a group", reply=Group, mirror=True)
    update = Endpoint(
        "PATCH", "/groups/{groupId}", title="Rename a group", body=GroupName, status=204, partial=True, mirror=True
    )
    delete = Endpoint("DELETE", "/groups/{groupId}", title="Delete a group", status=204, mirror=True)
    members = Endpoint(
        "GET",
        "/groups/{groupId}/members",
        title="List a group's members",
        query=NumberedQuery,
        reply=page("members", Member),
        paging=Paging.NUMBERED,
        item_key="members",
        mirror=True,
    )
    add_members = Endpoint(
        "POST",
        "/groups/{groupId}/members",
        title="Add members to a group",
        body=NewMembers,
        reply=AddedMembers,
        status=201,
        effect=Effect.CREATE_KEYED,
        mirror=True,
    )
    delete_member = Endpoint(
        "DELETE", "/groups/{groupId}/members/{memberId}", title="Take a member out of a group", status=204, mirror=True
    )
