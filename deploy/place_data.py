"""Which states lie behind an area code and a ZIP? Writes the two files that campaigns.place reads, from two packages.

    python -m deploy.place_data            writes campaigns/place/data/area_codes.txt and zips.txt
    python -m deploy.place_data --check    says whether they are what the installed packages say

Area codes: the descriptions of phonenumbers (libphonenumber's own geocoding data). ZIP codes: the package zipcodes
(GeoNames, CC BY 4.0). Both are data of the product and not asked at run time: the table of ZIPs would cost a second and
50 MB at every start. tests/campaigns/place compares them with the installed packages.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

DATA = Path(__file__).parent.parent / "campaigns" / "place" / "data"
WIDTH = 118
_MILITARY = ("AA", "AE", "AP")
_OWN_COUNTRY = ("FM", "MH", "PW")  # served by the US post, but countries
_TERRITORIES = ("PR", "VI", "GU", "AS", "MP")
# How descriptions write what the list of names does not have.
_ODD_NAMES = {"Washington D.C.": "US-DC", "British Colombia": "CA-BC"}
_AREA_CODES_HEAD = """\
# In which states, provinces or countries may the owner of a number with this area code live? ISO 3166-2 or 3166-1.
# Made from phonenumbers by deploy/place_data.py: do not edit. US or CA alone: the state is not known.
"""
_ZIPS_HEAD = """\
# Which ZIP codes lie in which state and zones? Made by deploy/place_data.py from the package zipcodes (GeoNames,
# CC BY 4.0, https://www.geonames.org): do not edit. A ZIP has every zone that any ZIP of its county has.
# Each block: region, zones, then its ZIPs, runs of known ones as first-last. Military post has neither.
"""


def area_codes_text() -> str:
    """The file of area codes as the installed phonenumbers would make it."""
    lines = (f"{area} {' '.join(sorted(regions))}\n" for area, regions in sorted(_area_codes().items()))
    return _AREA_CODES_HEAD + "".join(lines)


def zips_text() -> str:
    """The file of ZIP codes as the installed zipcodes would make it."""
    return _ZIPS_HEAD + "".join(_block(place, zips) for place, zips in sorted(_zips().items()))


def _area_codes() -> dict[str, set[str]]:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    from campaigns.phone import nanp_area_codes

    found: dict[str, set[str]] = defaultdict(set)
    for country in COUNTRY_CODE_TO_REGION_CODE[1]:
        metadata = PhoneMetadata.metadata_for_region(country)
        code = f"US-{country}" if country in _TERRITORIES else country
        if metadata is not None and metadata.leading_digits:
            own = re.compile(metadata.leading_digits)
            for area in filter(own.fullmatch, map(str, range(200, 1000))):
                found[area].add(code)
    for country in ("US", "CA"):
        described = _described(country)
        for area in nanp_area_codes(country):
            if area not in found:
                found[area] = described.get(area) or {country}
    return found


def _described(country: str) -> Mapping[str, set[str]]:
    """The states that any description inside an area code names, by area code."""
    from phonenumbers.geodata import GEOCODE_DATA

    names = _names(country)
    found: dict[str, set[str]] = defaultdict(set)
    for prefix, words in GEOCODE_DATA.items():
        if prefix.startswith("1") and len(prefix) > 3:
            for name in words.get("en", "").rsplit(", ", 1)[-1].split("/"):
                code = _ODD_NAMES.get(name) or names.get(name.casefold())
                if code is not None and code.startswith(country):
                    found[prefix[1:4]].add(code)
    return found


def _names(country: str) -> Mapping[str, str]:
    found = {}
    for line in (DATA / "subdivisions.csv").read_text("utf-8").splitlines():
        if line.startswith(country + "-"):
            code, _, names = line.split(",")
            found.update({name.casefold(): code for name in (code[3:], *names.split("|"))})
    return found


def _zips() -> dict[str, list[int]]:
    """ZIPs by their block's head: region and zones."""
    import zipcodes

    counties: dict[tuple[str, str], set[str]] = defaultdict(set)
    rows = list(zipcodes.list_all())  # type: ignore[no-untyped-call]
    for row in rows:
        if "/" in row["timezone"]:  # one row has a place name there
            counties[row["state"], row["county"]].add(row["timezone"])
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        state = row["state"]
        zones = () if state in _MILITARY else sorted(counties[state, row["county"]])
        region = f"military-{state}" if state in _MILITARY else state if state in _OWN_COUNTRY else f"US-{state}"
        found[" ".join((region, *zones))].append(int(row["zip_code"]))
    return found


def _block(head: str, zips: Iterable[int]) -> str:
    lines, line = [head], " "
    for word in _runs(sorted(zips)):
        if len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = " "
        line += " " + word
    return "\n".join((*lines, line)) + "\n"


def _runs(zips: list[int]) -> Iterator[str]:
    begin = last = zips[0]
    for each in (*zips[1:], 10**6):
        if each != last + 1:
            yield f"{begin:05d}" if begin == last else f"{begin:05d}-{last:05d}"
            begin = each
        last = each


def main(arguments: list[str]) -> int:
    different = 0
    for name, text in (("area_codes.txt", area_codes_text()), ("zips.txt", zips_text())):
        file = DATA / name
        same = file.exists() and file.read_text("ascii") == text
        different += not same
        if arguments != ["--check"]:
            file.write_text(text, "ascii")
        sys.stdout.write(f"{file.name}: {'as before' if same else 'different'}, {len(text):,} characters\n")
    return 1 if different and arguments == ["--check"] else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
