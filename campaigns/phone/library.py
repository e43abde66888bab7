"""Which library reads an unusual number? libphonenumber's port to Python, or the quicker one to Rust where both agree.

The port to Rust (`pip install campaign-dialer[fast]`) is young, so it is trusted only in the two versions that were
compared number by number (tests/campaigns/test_phone_parity.py), and not for countries whose number ranges changed
between the data that the two carry. What it refuses is read again: why a number is none, the reference says.
"""

from functools import lru_cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType

import phonenumbers

COMPARED = ("9.0.43", "0.1.0")  # phonenumbers and rphonenumbers, whose data are those of 9.0.41
# Country codes of the regions that changed from 9.0.41 to 9.0.43, by the files of the two packages.
CHANGED = frozenset(
    {7, 34, 40, 45, 49, 57, 61, 86, 91, 229, 233, 238, 251, 254, 263, 267, 290, 358}
    | {506, 592, 593, 595, 675, 856, 965, 995}
)

Read = tuple[ModuleType, phonenumbers.PhoneNumber]


def read_number(text: str, region: str | None) -> Read:
    """The parsed number, and the library whose other functions are to be asked about it.

    Raises phonenumbers.NumberParseException as `phonenumbers.parse` does.
    """
    fast = quick_library()
    if fast is not None:
        try:
            number = fast.parse(text, region)
        except fast.NumberParseException:
            number = None
        if number is not None and number.country_code not in CHANGED:
            return fast, number
    return phonenumbers, phonenumbers.parse(text, region)


@lru_cache(maxsize=1)
def quick_library() -> ModuleType | None:
    """The port to Rust, when it is installed and both versions are those that were compared."""
    try:
        installed = (version("phonenumbers"), version("rphonenumbers"))
        return import_module("rphonenumbers") if installed == COMPARED else None
    except (PackageNotFoundError, ImportError):
        return None
