"""Why was each call allowed, and each block made, and can anybody have changed that since? Receipts in a hash chain.

`receipt_of` makes one from what was judged, `canonical` writes it down, `link` chains it to the one before, and
`first_fault` finds the first row that was changed, removed, put in or moved. Values only: no database, no files.
"""

from campaigns.receipts.chain import (
    BEFORE_ALL,
    Day,
    Link,
    digest_of,
    key_id,
    link,
    opening_of,
    seal_of,
)
from campaigns.receipts.making import Issue, mark_of, receipt_of
from campaigns.receipts.reading import UnreadableReceipt, receipt_from
from campaigns.receipts.values import (
    FORMAT,
    AnswerSeen,
    ConsentSeen,
    GateSeen,
    ListSeen,
    LocalTime,
    Outcome,
    OverrideSeen,
    Receipt,
)
from campaigns.receipts.verifying import Fault, FaultKind, first_fault, first_of_day, seal_fault
from campaigns.receipts.writing import canonical, plain, private

__all__ = [
    "BEFORE_ALL",
    "FORMAT",
    "AnswerSeen",
    "ConsentSeen",
    "Day",
    "Fault",
    "FaultKind",
    "GateSeen",
    "Issue",
    "Link",
    "ListSeen",
    "LocalTime",
    "Outcome",
    "OverrideSeen",
    "Receipt",
    "UnreadableReceipt",
    "canonical",
    "digest_of",
    "first_fault",
    "first_of_day",
    "key_id",
    "link",
    "mark_of",
    "opening_of",
    "plain",
    "private",
    "receipt_from",
    "receipt_of",
    "seal_fault",
    "seal_of",
]
