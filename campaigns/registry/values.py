"""What is a registry to us: which list, how it is sent, whom it protects and how old it may be?"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from campaigns.phone import nanp_area_codes
from campaigns.registry.coverage import Coverage

_AREA_CODE = re.compile(r"1[2-9][0-9]{2}", re.ASCII)
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
# Area codes of no place: toll-free, premium, personal, machines, Canada's services, carriers and the government.
_NO_PLACE = frozenset(
    map(
        str,
        (
            *(500, 521, 522, 523, 524, 525, 526, 527, 528, 529, 533, 544, 566, 577, 588),
            *(600, 622, 633, 644, 655, 677, 688, 700, 710),
            *(800, 822, 833, 844, 855, 866, 877, 888, 900),
        ),
    )
)
_UNDER_US_RULE = frozenset({"US", "PR", "VI", "GU", "MP", "AS"})


class Source(StrEnum):
    """How the list is sent: the FTC's flat or XML form, or one number a line."""

    FTC_FLAT = "ftc-flat"
    FTC_XML = "ftc-xml"
    PLAIN = "plain"


class Form(StrEnum):
    """How it is kept: a bit for every number of an area code of North America, or a compressed set."""

    NANP_BITS = "nanp-bits"
    ROARING = "roaring"


class Kind(StrEnum):
    """A full list is the truth; a change list needs the generation that it changes."""

    FULL = "full"
    CHANGES = "changes"


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistryList:
    """One list of a registry.

    `id`: also the folder's name: small letters, digits and hyphens. `covered`: the prefixes of the subscription,
    digits without the plus sign; None, for NANP_BITS only, takes the area codes that the full list has.
    `required_for`: prefixes of the numbers that may be dialled only when this list answers CLEAR.
    `serves`: other lists for which this one stands too. `region`: country in which the numbers of a plain list are
    written. Days count from the list date; the limit is
    inclusive to the second.
    """

    id: str
    name: str
    source: Source
    form: Form
    required_for: Coverage
    covered: tuple[str, ...] | None = None
    region: str = "US"
    max_age_days: int
    warn_days: int = 3
    serves: frozenset[str] = frozenset()

    @property
    def stands_for(self) -> frozenset[str]:
        """Every list that a rule profile may ask for and that this one is."""
        return self.serves | {self.id}

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"list id {self.id[:60]!r}: use small letters, digits and hyphens, at most 40")
        if self.form is Form.ROARING and not self.covered:
            raise ValueError(f"{self.id}: name the prefixes that the list covers")
        if self.covered is not None and list(Coverage(self.covered).prefixes) != sorted(self.covered):
            raise ValueError(f"{self.id}: a covered prefix stands twice or within another")
        if self.form is Form.NANP_BITS and not all(map(_AREA_CODE.fullmatch, self.covered or ())):
            raise ValueError(f"{self.id}: covers area codes of North America, written as 1212")
        if not 0 < self.max_age_days <= 3650 or not 0 <= self.warn_days <= self.max_age_days:
            raise ValueError(f"{self.id}: max_age_days must be positive and warn_days at most that")


@dataclass(frozen=True, kw_only=True, slots=True)
class Accept:
    """What a person has looked at and takes on himself; it is written into the manifest with his name.

    `faulty_rows`: exactly so many rows cannot be read. `count`: the new list is far smaller and has exactly so many
    numbers. `empty`: covered prefixes of which no file has a number.
    """

    faulty_rows: int = 0
    count: int | None = None
    empty: frozenset[str] = frozenset()

    def words(self) -> tuple[str, ...]:
        faulty = [f"{self.faulty_rows} faulty rows"] if self.faulty_rows else []
        smaller = [f"a far smaller list of {self.count} numbers"] if self.count is not None else []
        return (*faulty, *smaller, *(f"no number of +{prefix}" for prefix in sorted(self.empty)))


@dataclass(frozen=True, kw_only=True, slots=True)
class ListImport:
    """What a person wants to bring into force. Instants are aware.

    `list_date`: when the registry made or handed out the list; its age counts from then. `since`: of a change list,
    the date of the list that it continues. `sequence`: the registry's running number, if it has one.
    """

    registry: RegistryList
    kind: Kind
    files: tuple[Path, ...]
    list_date: datetime
    who: str
    since: datetime | None = None
    sequence: int | None = None
    accept: Accept = field(default_factory=Accept)

    def __post_init__(self) -> None:
        for moment in (self.list_date, self.since):
            if moment is not None and moment.tzinfo is None:
                raise ValueError("list dates need a time zone")
        if (self.since is None) is (self.kind is Kind.CHANGES):
            raise ValueError("a change list, and only that, says since when it tells changes")
        if not self.files or not self.who.strip():
            raise ValueError("an import needs files and the name of who does it")


def united_states(*, covered: tuple[str, ...] | None = None, source: Source = Source.FTC_FLAT) -> RegistryList:
    """The FTC's national registry: `covered` are the area codes of the subscription (`1212`); 31 days."""
    return RegistryList(
        id="us-ftc",
        name="US National Do Not Call Registry",
        source=source,
        form=Form.NANP_BITS,
        covered=covered,
        required_for=us_numbers(),
        max_age_days=31,
    )


def canada(*, covered: tuple[str, ...] | None = None) -> RegistryList:
    """Canada's National DNCL, ten digits a line; 31 days."""
    return RegistryList(
        id="ca-dncl",
        name="Canada's National Do Not Call List",
        source=Source.PLAIN,
        form=Form.NANP_BITS,
        region="CA",
        covered=covered,
        required_for=Coverage(f"1{area}" for area in nanp_area_codes("CA")),
        max_age_days=31,
    )


def united_kingdom(*, corporate: bool = False) -> RegistryList:
    """The Telephone Preference Service, or the corporate one: eleven digits a line; 28 days."""
    return RegistryList(
        id="uk-ctps" if corporate else "uk-tps",
        name="UK Corporate Telephone Preference Service" if corporate else "UK Telephone Preference Service",
        source=Source.PLAIN,
        form=Form.ROARING,
        region="GB",
        covered=("44",),
        required_for=Coverage(["44"]),
        max_age_days=28,
    )


def us_state(list_id: str, state: str, *, max_age_days: int = 31) -> RegistryList:
    """A state's own list, ten digits a line. It may hold numbers of any area code: people keep theirs when they move.

    It is required where a rule profile asks for it, for whoever may be in that state.
    """
    return RegistryList(
        id=list_id,
        name=f"Do-Not-Call List of {state}",
        source=Source.PLAIN,
        form=Form.ROARING,
        covered=("1",),
        required_for=Coverage(()),
        max_age_days=max_age_days,
    )


def national(list_id: str, name: str, region: str, prefix: str, *, max_age_days: int = 30) -> RegistryList:
    """Another nation's whole list, one number a line, required where a rule profile asks for it."""
    return RegistryList(
        id=list_id,
        name=name,
        source=Source.PLAIN,
        form=Form.ROARING,
        region=region,
        covered=(prefix,),
        required_for=Coverage(()),
        max_age_days=max_age_days,
    )


def us_numbers() -> Coverage:
    """The area codes of the USA and its territories, and those that are nobody's yet; never Jamaica's or Canada's."""
    elsewhere = {area for region in _other_regions() for area in nanp_area_codes(region)} | _NO_PLACE
    ours = {area for region in _UNDER_US_RULE for area in nanp_area_codes(region)}
    return Coverage(f"1{area}" for area in map(str, range(200, 1000)) if area in ours or area not in elsewhere)


def _other_regions() -> tuple[str, ...]:
    shared = "CA AG AI BB BM BS DM DO GD JM KN KY LC MS SX TC TT VC VG"
    return tuple(shared.split())
