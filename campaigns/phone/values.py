"""What is a phone number to us, and in which ways can a text fail to be one?"""

from dataclasses import dataclass
from enum import Enum


class PhoneKind(Enum):
    """What the numbering plan says about the number; NANP cannot tell fixed from mobile."""

    FIXED = "fixed"
    MOBILE = "mobile"
    FIXED_OR_MOBILE = "fixed_or_mobile"
    TOLL_FREE = "toll_free"
    VOIP = "voip"
    PREMIUM = "premium"
    SHARED_COST = "shared_cost"
    PERSONAL = "personal"
    PAGER = "pager"
    UAN = "uan"
    VOICEMAIL = "voicemail"
    GLOBAL_SERVICE = "global_service"


class PhoneFaultKind(Enum):
    """Why a text is not a number to dial. The value is the wording; `{region}` is filled in."""

    EMPTY = "no phone number"
    NO_DIGITS = "not a phone number"
    TOO_SHORT = "too short for {region}"
    TOO_LONG = "too long for {region}"
    LETTERS = "contains letters; write the number in digits"
    BAD_CHARACTER = "contains a character that no phone number has"
    EXTENSION = "an extension that cannot be dialled; it has 1 to 8 digits"
    ADDRESS = "an address, not a phone number"
    UNKNOWN_COUNTRY = "unknown country code"
    INVALID_AREA = "invalid area code or number range for {region}"
    REWRITTEN = "an old or doubled prefix; write it as + country code and number"
    SCIENTIFIC = (
        "scientific notation, the spreadsheet has destroyed the digits; format the column as text and export it again"
    )
    DECIMAL = "a decimal number, digits may be lost; format the column as text and export it again"
    TWO_NUMBERS = "two numbers in one cell; give each its own column"
    FEATURE_CODE = "a feature code (* or #), not a number"
    SHORT_CODE = "a short code, never dialled"
    EMERGENCY = "an emergency number, never dialled"
    CRISIS = "a crisis line, never dialled"
    PREMIUM = "a premium-rate number, never dialled"
    SHARED_COST = "a shared-cost number, never dialled"
    PERSONAL = "a personal or follow-me number, never dialled"
    PAGER = "a pager, never dialled"
    UAN = "a company-wide access number, never dialled"
    VOICEMAIL = "a voicemail access number, never dialled"
    SATELLITE = "a satellite or global-service number, never dialled"
    SERVICE = "a network service (directory assistance, N11), never dialled"


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneNumber:
    """A number in one spelling.

    `e164`: plus sign and 7 to 15 ASCII digits, all of them from the text that was read or the region's
    country code. `zones`: IANA names of every zone its owner may be in, empty when nothing is known.
    `extension` is not part of `e164`: two leads that differ in it only are one line for do-not-call and
    attempt limits. `practice`: from a range reserved for fiction; never to be dialled on a real trunk.
    """

    e164: str
    region: str
    country_code: int
    kind: PhoneKind
    extension: str | None = None
    zones: tuple[str, ...] = ()
    practice: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneFault:
    """Why a text is not a number to dial. `shown` is inert and has at most six digits."""

    kind: PhoneFaultKind
    shown: str
    region: str

    @property
    def words(self) -> str:
        """The reason without the text: `too short for US`."""
        words = self.kind.value.format(region=self.region)
        national = self.kind is PhoneFaultKind.TOO_LONG and not self.shown.startswith("+")
        return f"{words} (write a foreign number with + and its country code)" if national else words

    @property
    def reason(self) -> str:
        """One sentence for people: `'555010…': too short for US.`"""
        return f"'{self.shown}': {self.words}." if self.shown else f"{self.words}."
