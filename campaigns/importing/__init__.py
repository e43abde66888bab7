"""What does a file of leads or of do-not-call numbers hold, row by row, and what is wrong with it?

`check_leads` and `check_dnc_file` only look; `read_leads` and `read_dnc` give the same rows to whoever
stores them. Nothing here knows a database.
"""

from campaigns.importing.dnc_file import NOT_ACTIVE, DncReading, DncRow, check_dnc_file, read_dnc
from campaigns.importing.header import LEAD_FIELDS, NUMBER_FIELDS, parse_mapping
from campaigns.importing.leads import LeadReading, RejectedRow, check_leads, read_leads
from campaigns.importing.own_list import ErasedNumber
from campaigns.importing.rejected import RejectedFile, rejected_path, write_rejected
from campaigns.importing.report import CheckReport, Code, Fault, ImportRefused, ImportStatus
from campaigns.importing.rows import LeadRow, known_zone
from campaigns.importing.spooled import SpooledRows

__all__ = [
    "LEAD_FIELDS",
    "NOT_ACTIVE",
    "NUMBER_FIELDS",
    "CheckReport",
    "Code",
    "DncReading",
    "DncRow",
    "ErasedNumber",
    "Fault",
    "ImportRefused",
    "ImportStatus",
    "LeadReading",
    "LeadRow",
    "RejectedFile",
    "RejectedRow",
    "SpooledRows",
    "check_dnc_file",
    "check_leads",
    "known_zone",
    "parse_mapping",
    "read_dnc",
    "read_leads",
    "rejected_path",
    "write_rejected",
]
