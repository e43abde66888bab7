"""A small good profile as text, for tests that change one thing in it."""

from __future__ import annotations

GOOD = """\
profile: test
title: "A test"
version: 1
sources: ["a test"]
verified_on: 2026-11-21
verified_by: anna
good_until: 2027-12-31
hours:
  mon-fri: ["09:00-12:00", "14:00-18:00"]
  sat: ["10:00-12:00"]
  sun: closed
  holiday: closed
  holiday_eve: ["10:00-16:00"]
  calendars: [FR]
  add: [2027-02-02]
  remove: [2027-05-08]
numbers:
  regions: [FR]
attempts:
  - {max: 4, window: 30d, scope: person+seller}
cooldowns:
  - {after: refusal, for: 60d, scope: person+seller}
abandonment: {cap: 0.03, window: day, connect_within_ms: 2000}
ring: {at_least_s: 15}
consent: {needed: opt_in_provable, max_age: 730d}
caller_id: {shown: true, not_kinds: [mobile]}
message_on_abandon: {within_ms: 2000, says: [seller_name]}
opening: {identify_within_s: 30}
do_not_call:
  - {list: internal, max_age_days: 0}
records: {keep: 5y}
cases:
  zone: Europe/Paris
  number: "+33612345678"
  region: FR
  rows:
    - {at: "2027-02-04 08:59", expect: deny, because: "closed"}
    - {at: "2027-02-04 09:00", expect: allow}
    - {at: "2027-02-04 11:59", expect: allow}
    - {at: "2027-02-04 12:00", expect: deny}
    - {at: "2027-02-04 13:59", expect: deny}
    - {at: "2027-02-04 14:00", expect: allow}
    - {at: "2027-02-04 17:59", expect: allow}
    - {at: "2027-02-04 18:00", expect: deny}
    - {at: "2027-02-06 09:59", expect: deny}
    - {at: "2027-02-06 10:00", expect: allow}
    - {at: "2027-02-06 11:59", expect: allow}
    - {at: "2027-02-06 12:00", expect: deny}
    - {at: "2027-02-07 12:00", expect: deny}
    - {at: "2027-02-02 10:00", expect: deny}
    - {at: "2027-02-01 09:59", expect: deny}
    - {at: "2027-02-01T09:00Z", expect: allow}
"""


def changed(old: str, new: str) -> str:
    """The good profile with one thing in it changed."""
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)
