"""E-mail addresses as keys: two spellings of one address must never become two users."""

import re
import unicodedata
from functools import lru_cache

from portal.bulk.files.characters import JOINERS, name_of

_FORKED = frozenset("ßẞς")  # IDNA 2003 and 2008 do not agree on them
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})


def canonical(address: str) -> str:
    """The one spelling: no blanks around, lower case, the domain in its ASCII (IDNA) form."""
    local, at, domain = address.strip().rpartition("@")
    if not at:
        return domain.casefold()
    return f"{local.casefold()}@{_ascii_domain(domain)}"


@lru_cache(maxsize=4096)
def _ascii_domain(domain: str) -> str:
    domain = domain.casefold().rstrip(".")
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def mailbox(address: str) -> str:
    """Key of the mailbox where the provider ignores dots and ``+tags``; empty where it does not."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0].replace('.', '')}@gmail.com" if domain in _DOTLESS else ""


def mixed(address: str) -> str:
    """Say which part of a domain has letters of two scripts, of which some look alike; nothing when none has."""
    for label in address.rpartition("@")[2].split("."):
        read = shown(label)
        other = next((sign for sign in read if unicodedata.name(sign, "").startswith(("CYRILLIC", "GREEK"))), "")
        if other and re.search("[a-z]", read):
            return f"“{read}” mixes {name_of(other)} with Latin letters: is another address meant?"
    return ""


def shown(domain: str) -> str:
    """A domain, or a part of one, with its own letters instead of the ASCII form."""
    try:
        return domain.encode().decode("idna")
    except UnicodeError:
        return domain


def strange_letter(address: str) -> str:
    """Say which character of an address is not plain, or nothing when all before the ``@`` are."""
    local, _, domain = address.rpartition("@")
    if forked := _FORKED.intersection(domain):
        letter = name_of(min(forked))
        return f"{letter} in a domain leads to different places by the older and the newer rule. Write the xn-- form."
    for character in local if not local.isascii() else JOINERS.findall(address):
        if not character.isascii():
            return f"It contains {name_of(character)}, which addresses cannot have and which looks like another letter."
    return ""
