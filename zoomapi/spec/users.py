"""Users of an account (section "Users")."""

from zoomapi.spec.base import Effect, Endpoint, Family, Paging, page
from zoomapi.spec.user_settings import UserSettings, UserSettingsAnswer
from zoomapi.spec.user_shapes import (
    AddedAssistants,
    CreatedUser,
    EmailExists,
    EmailQuery,
    Helpers,
    LoginQuery,
    NewAssistants,
    NewUser,
    PasswordChange,
    Permissions,
    StatusChange,
    Token,
    TokenQuery,
    User,
    UserChange,
    UserQuery,
    UserRemoval,
    UserRow,
    VanityExists,
    VanityQuery,
    ZpkQuery,
    ZpkState,
)


class Users(Family):
    label = "Users"

    list = Endpoint(
        "GET",
        "/users",
        title="List users",
        query=UserQuery,
        reply=page("users", UserRow),
        paging=Paging.NUMBERED,
        item_key="users",
        mirror=True,
    )
    create = Endpoint(
        "POST",
        "/users",
        title="Create a user",
        body=NewUser,
        reply=CreatedUser,
        status=201,
        effect=Effect.CREATE_KEYED,
        remote_key="user_info.email",
        mirror=True,
    )
    get = Endpoint("GET", "/users/{userId}", title="Show a user", query=LoginQuery, reply=User, mirror=True)
    update = Endpoint(
        "PATCH", "/users/{userId}", title="Change a user", body=UserChange, status=204, partial=True, mirror=True
    )
    delete = Endpoint(
        "DELETE",
        "/users/{userId}",
        title="Disassociate or delete a user",
        query=UserRemoval,
        status=204,
        effect=Effect.PEOPLE,
        mirror=True,
    )
    assistants = Endpoint(
        "GET",
        "/users/{userId}/assistants",
        title="List a user's assistants",
        reply=Helpers,
        item_key="assistants",
        mirror=True,
    )
    add_assistants = Endpoint(
        "POST",
        "/users/{userId}/assistants",
        title="Add assistants to a user",
        body=NewAssistants,
        reply=AddedAssistants,
        status=201,
        effect=Effect.CREATE_KEYED,
        mirror=True,
    )
    delete_assistants = Endpoint(
        "DELETE", "/users/{userId}/assistants", title="Remove all assistants of a user", status=204, mirror=True
    )
    delete_assistant = Endpoint(
        "DELETE",
        "/users/{userId}/assistants/{assistantId}",
        title="Remove one assistant of a user",
        status=204,
        mirror=True,
    )
    schedulers = Endpoint(
        "GET", "/users/{userId}/schedulers", title="List a user's schedulers", reply=Helpers, item_key="assistants"
    )
    delete_schedulers = Endpoint(
        "DELETE", "/users/{userId}/schedulers", title="Remove all schedulers of a user", status=204
    )
    delete_scheduler = Endpoint(
        "DELETE", "/users/{userId}/schedulers/{schedulerId}", title="Remove one scheduler of a user", status=204
    )
    upload_picture = Endpoint(
        "POST",
        "/users/{userId}/picture",
        title="Upload a user's picture",
        status=201,
        effect=Effect.SET,
        upload="pic_file",
        mirror=True,
    )
    settings = Endpoint(
        "GET",
        "/users/{userId}/settings",
        title="Show a user's settings",
        query=LoginQuery,
        reply=UserSettingsAnswer,
        mirror=True,
    )
    update_settings = Endpoint(
        "PATCH",
        "/users/{userId}/settings",
        title="Change a user's settings",
        body=UserSettings,
        status=204,
        partial=True,
        mirror=True,
    )
    update_status = Endpoint(
        "PUT",
        "/users/{userId}/status",
        title="Activate or deactivate a user",
        body=StatusChange,
        status=204,
        mirror=True,
    )
    update_password = Endpoint(
        "PUT",
        "/users/{userId}/password",
        title="Set a user's password",
        body=PasswordChange,
        status=204,
        effect=Effect.PEOPLE,
        mirror=True,
    )
    permissions = Endpoint("GET", "/users/{userId}/permissions", title="List what a user may do", reply=Permissions)
    token = Endpoint(
        "GET", "/users/{userId}/token", title="Fetch a user's token", query=TokenQuery, reply=Token, mirror=True
    )
    revoke_token = Endpoint(
        "DELETE", "/users/{userId}/token", title="Revoke a user's single sign-on token", status=204, mirror=True
    )
    check_zpk = Endpoint("GET", "/users/zpk", title="Check a zpk (old)", query=ZpkQuery, reply=ZpkState)
    check_email = Endpoint(
        "GET", "/users/email", title="Look for an e-mail address", query=EmailQuery, reply=EmailExists
    )
    check_vanity_name = Endpoint(
        "GET", "/users/vanity_name", title="Look for a personal room name", query=VanityQuery, reply=VanityExists
    )
