"""Refusals: the documented answers that say no, one function each."""

from typing import Any


class Refusal(Exception):
    """An answer of 4xx with the API's own body. ``errors`` lists (dotted field, message)."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        errors: list[tuple[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors or []
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.errors:
            body["errors"] = [{"field": field, "message": message} for field, message in self.errors]
        return body


def invalid(*fields: str, message: str = "Invalid field.") -> Refusal:
    """Section "Errors": a validation failure that names its fields."""
    return Refusal(400, 300, "Validation Failed.", [(field, message) for field in fields])


def not_json() -> Refusal:
    return Refusal(400, 300, "Request Body should be a valid JSON object.")


def bad_token(message: str = "Invalid access token.") -> Refusal:
    return Refusal(401, 124, message)


def no_permission(message: str) -> Refusal:
    return Refusal(400, 200, message)


def no_user(who: str) -> Refusal:
    return Refusal(404, 1001, f"User does not exist: {who[:255]}.")


def foreign_user(who: str) -> Refusal:
    return Refusal(400, 1010, f"User does not belong to this account: {who[:255]}.")


def email_used(email: str) -> Refusal:
    return Refusal(409, 1005, f"User already in the account: {email}.")


def no_account(account_id: str) -> Refusal:
    return Refusal(404, 2001, f"Account does not exist: {account_id[:255]}.")


def bad_base_plan(code: str) -> Refusal:
    return Refusal(400, 2100, f"Invalid base plan type: {code[:64]}.")


def no_group(group_id: str) -> Refusal:
    return Refusal(404, 4130, f"A group with this ID does not exist: {group_id[:255]}.")


def group_name_used(name: str) -> Refusal:
    return Refusal(409, 4132, f"Group name {name} is already in use.")


def no_meeting(reference: str) -> Refusal:
    return Refusal(404, 3001, f"The meeting or webinar does not exist or has expired: {reference[:64]}.")


def no_recording(reference: str) -> Refusal:
    return Refusal(404, 3301, f"There is no recording for this meeting: {reference[:64]}.")


def nothing_such(what: str, reference: str) -> Refusal:
    """For whatever has no code of its own in the document."""
    return Refusal(404, 2300, f"{what} does not exist: {reference[:64]}.")


def no_report(reference: str) -> Refusal:
    return Refusal(404, 5010, f"Report does not exist: {reference[:64]}.")
