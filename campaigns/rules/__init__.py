"""By which rules may be called? Profiles as reviewed data, combined so that only the strictest of all is left.

Files are read strictly (`reading`), worked out once and kept (`shipped`); `places` adds the rules of where a lead
may be. Pure values and files: no database, no dialling. `cases` and `linting` test a file by its own table.
"""

from campaigns.rules.asked_lists import NO_LISTS_ASKED, Lifted, ListsAsked, lists_asked
from campaigns.rules.duties import LONGEST_REST, LONGEST_WINDOW, Duties
from campaigns.rules.faults import ProfileFault
from campaigns.rules.past_calls import About, PastCall, debt_key, with_instants
from campaigns.rules.places import added_by_purpose, for_purpose, parts_with_rules, rules_of_places
from campaigns.rules.profile import COSTLY_NUMBERS, LANDLINE_AND_MOBILE, RuleProfile, all_of, both, never_open
from campaigns.rules.reading import ProfileFile, read_profile
from campaigns.rules.resting import longest_rest
from campaigns.rules.shipped import PROFILES, effective, shipped_file, shipped_names
from campaigns.rules.windows import DAY_MIN, Window

__all__ = [
    "COSTLY_NUMBERS",
    "DAY_MIN",
    "LANDLINE_AND_MOBILE",
    "LONGEST_REST",
    "LONGEST_WINDOW",
    "NO_LISTS_ASKED",
    "PROFILES",
    "About",
    "Duties",
    "Lifted",
    "ListsAsked",
    "PastCall",
    "ProfileFault",
    "ProfileFile",
    "RuleProfile",
    "Window",
    "added_by_purpose",
    "all_of",
    "both",
    "debt_key",
    "effective",
    "for_purpose",
    "lists_asked",
    "longest_rest",
    "never_open",
    "parts_with_rules",
    "read_profile",
    "rules_of_places",
    "shipped_file",
    "shipped_names",
    "with_instants",
]
