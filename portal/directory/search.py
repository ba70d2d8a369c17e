"""Search over users: any part of an e-mail, name, PMI or department, across every account in scope.

One folded text per user is indexed by trigrams (FTS5 on SQLite, pg_trgm on PostgreSQL; see migration 0002). All words
must occur, in any order. Words shorter than three letters have no trigram: alone they search the start of the e-mail
or last name, beside longer words they narrow the result.
"""

import json
import re

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL

from portal.directory.models import MirrorUser, SubAccount
from portal.directory.records import fold

LONGEST_QUERY = 200
FEW = 1000  # hits that are quicker fetched and sorted than met on the way through the list
HITS = "SELECT rowid FROM directory_user_search WHERE directory_user_search MATCH %s"
HIT = "hit"
LISTED = "SELECT value FROM json_each(%s)"
LAST_CHARACTER = "\U0010ffff"


def words(query: str) -> list[str]:
    """The folded words of a query; digits typed in blocks ("123 456 7890") are one word."""
    query = fold(query[:LONGEST_QUERY].replace("\x00", " "))
    if re.fullmatch(r"[\d\s-]+", query):
        query = re.sub(r"[\s-]", "", query)
    return query.split()[:8]


def users(rows: QuerySet[MirrorUser], query: str) -> QuerySet[MirrorUser]:
    """Narrow ``rows`` to those that match; an empty query changes nothing."""
    found = words(query)
    if not found:
        return rows
    long = [word for word in found if len(word) >= 3]
    if not long:
        return rows.filter(*(_starts(word) for word in found))
    for word in found:
        if len(word) < 3:
            rows = rows.filter(search_text__contains=word)
    return _by_trigrams(rows, long) if connection.vendor == "sqlite" else _by_like(rows, long)


def is_broad(rows: QuerySet[MirrorUser]) -> bool:
    """Whether ``users`` met so many that counting them would take longer than showing a page of them."""
    return HIT in rows.query.annotations


def accounts(rows: QuerySet[SubAccount], query: str) -> QuerySet[SubAccount]:
    """Narrow sub-accounts by any part of name, owner's e-mail or id. A few thousand rows: no index is needed."""
    for word in query[:LONGEST_QUERY].replace("\x00", " ").split()[:8]:
        rows = rows.filter(Q(name__icontains=word) | Q(owner_email__icontains=word) | Q(zoom_id=word))
    return rows


def _starts(word: str) -> Q:
    # A range, because LIKE cannot use the index of a case-sensitive column.
    end = word + LAST_CHARACTER
    name = word.capitalize()
    return Q(email__gte=word, email__lt=end) | Q(last_name__gte=name, last_name__lt=name + LAST_CHARACTER)


def _by_trigrams(rows: QuerySet[MirrorUser], found: list[str]) -> QuerySet[MirrorUser]:
    """Ask the index at once whether few or many match, since the two are best read in different ways."""
    match = " AND ".join('"{}"'.format(word.replace('"', '""')) for word in found)
    with connection.cursor() as cursor:
        cursor.execute(f"{HITS} LIMIT %s", (match, FEW + 1))
        keys = [key for (key,) in cursor.fetchall()]
    if not keys:
        return rows.none()
    if len(keys) <= FEW:
        # As one value: a thousand placeholders would take longer to write than the rows to find.
        return rows.filter(pk__in=RawSQL(LISTED, (json.dumps(keys),)))  # noqa: S611  # the one parameter is bound
    # Read in the order of the list, testing each row, until the page is full: fetching and sorting all hits would take
    # ten times longer. Without the "+ 0" SQLite would do the latter.
    return rows.alias(**{HIT: F("pk") + 0}).filter(**{f"{HIT}__in": RawSQL(HITS, (match,))})  # noqa: S611  # the one parameter is bound


def _by_like(rows: QuerySet[MirrorUser], found: list[str]) -> QuerySet[MirrorUser]:
    for word in found:
        rows = rows.filter(search_text__contains=word)
    return rows
