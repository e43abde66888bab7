"""Is this number on a national do-not-call registry, how do we know, and may we still rely on it?

Three answers: LISTED, CLEAR and UNKNOWN (area not covered, list too old, damaged or missing); UNKNOWN blocks.
`check_list` looks at a registry's files, `import_list` brings them into force as a generation, `open_registries`
answers for all lists together, `open_list` for one. Rules and files only: no database, no dialling.
"""

from campaigns.importing.report import ImportStatus
from campaigns.registry.answers import Answer, Answers, Digits, NumberSet
from campaigns.registry.bringing_in import check_list, import_list
from campaigns.registry.coverage import Coverage
from campaigns.registry.faults import RegistryCode, RegistryFault
from campaigns.registry.freshness import Freshness, Standing, standing
from campaigns.registry.generations import Generations, PastGeneration
from campaigns.registry.manifest import Manifest, SourceFile
from campaigns.registry.open_list import OpenList, open_list
from campaigns.registry.registries import Consulted, Registries, RegistryVerdict, open_registries
from campaigns.registry.report import ListReport, Progress
from campaigns.registry.values import (
    Accept,
    Form,
    Kind,
    ListImport,
    RegistryList,
    Source,
    canada,
    national,
    united_kingdom,
    united_states,
    us_numbers,
    us_state,
)

__all__ = [
    "Accept",
    "Answer",
    "Answers",
    "Consulted",
    "Coverage",
    "Digits",
    "Form",
    "Freshness",
    "Generations",
    "ImportStatus",
    "Kind",
    "ListImport",
    "ListReport",
    "Manifest",
    "NumberSet",
    "OpenList",
    "PastGeneration",
    "Progress",
    "Registries",
    "RegistryCode",
    "RegistryFault",
    "RegistryList",
    "RegistryVerdict",
    "Source",
    "SourceFile",
    "Standing",
    "canada",
    "check_list",
    "import_list",
    "national",
    "open_list",
    "open_registries",
    "standing",
    "united_kingdom",
    "united_states",
    "us_numbers",
    "us_state",
]
