"""Is a file imported whole or not at all, once only, and can it be taken out again until its first call?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from campaigns.importing import LeadRow
from campaigns.model import LeadState
from campaigns.storage import Store, StoreRefused, at_once, imports
from tests.builders.stored import (
    NOON,
    after,
    campaign_with,
    claim,
    claimed,
    entry,
    imported,
    lead_row,
    lead_rows,
    number,
    phone,
)


def test_a_lead_comes_back_as_the_file_had_it(store: Store) -> None:
    points = (phone(number(0), zones=("America/New_York", "America/Chicago")), phone(number(1), extension="7"))
    row = lead_row(
        contact_points=points,
        display_name="Countess",
        external_id="crm-1",
        timezone="America/Chicago",
        region="IL",
        postal_code="60601",
        country="US",
        email="ada@example.com",
        language="uk",
        note="likes numbers",
        person_key="c17",
        debt="ACC-0042",
        custom=(("Zebra", "1"), ("apple", "2")),
    )
    imported(store, [row])
    lead = store.leads.lead(1)
    assert (lead.display_name, lead.external_id, lead.timezone, lead.region) == (
        "Countess",
        "crm-1",
        "America/Chicago",
        "IL",
    )
    assert (lead.postal_code, lead.country, lead.email, lead.language, lead.note) == (
        "60601",
        "US",
        "ada@example.com",
        "uk",
        "likes numbers",
    )
    assert (lead.person_key, lead.debt) == ("c17", "ACC-0042")
    assert lead.custom == (("Zebra", "1"), ("apple", "2"))
    assert [(p.number, p.kind, p.zones, p.extension) for p in lead.contact_points] == [
        (number(0), "fixed_or_mobile", ("America/New_York", "America/Chicago"), ""),
        (number(1), "fixed_or_mobile", ("America/New_York",), "7"),
    ]


def test_the_ids_of_a_persons_numbers_come_in_the_order_of_the_file(store: Store) -> None:
    imported(store, [lead_row(contact_points=(phone(number(7)), phone(number(3))))])
    lead = store.leads.lead(1)
    assert store.leads.contact_point_ids(1) == tuple(point.id for point in lead.contact_points)
    assert [point.number for point in lead.contact_points] == [number(7), number(3)]
    assert store.leads.contact_point_ids(99) == ()


def test_all_states_of_a_campaign_can_be_read(store: Store) -> None:
    campaign = campaign_with(store, 3)
    claimed(store, campaign)
    states = store.queue.states(campaign.id)
    assert [(s.person_id, s.state) for s in states] == [
        (1, LeadState.IN_PROGRESS),
        (2, LeadState.NEW),
        (3, LeadState.NEW),
    ]
    assert store.queue.states_of(1) == states[:1]


def test_the_same_file_twice_adds_nothing(store: Store) -> None:
    first = imported(store, 3, sha256="same")
    again = imported(store, 3, sha256="same")
    assert (first.added, again.added, again.batch_id, again.same_file_as) == (3, 0, None, first.batch_id)
    assert store.leads.list_summary(first.list_id).leads == 3


def test_the_same_file_can_go_to_another_list(store: Store) -> None:
    imported(store, 3, sha256="same")
    assert imported(store, 3, sha256="same", list_name="autumn").added == 3


def test_a_number_already_on_the_list_is_counted_as_repeated(store: Store) -> None:
    imported(store, 3)
    result = imported(store, lead_rows(4, start=1))
    assert (result.added, result.repeated) == (2, 2)


def test_a_number_on_the_list_with_another_extension_is_another_lead(store: Store) -> None:
    front_desk, grace = lead_row(0), lead_row(contact_points=(phone(number(0), extension="45"),), line=2)
    alan = lead_row(contact_points=(phone(number(0), extension="46"),), line=3)
    assert imported(store, [front_desk, grace]).added == 2
    again = imported(store, [grace, alan, front_desk], sha256="next")
    assert (again.added, again.repeated) == (1, 2)


def test_a_number_twice_in_one_file_is_added_once(store: Store) -> None:
    result = imported(store, [lead_row(0), lead_row(0, line=9)])
    assert (result.added, result.repeated) == (1, 1)


def test_repeated_numbers_are_found_however_many_are_asked_for_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_once, "AT_ONCE", 2)
    monkeypatch.setattr(imports, "_CHUNK", 3)
    imported(store, 7)
    result = imported(store, [*lead_rows(10, start=5), lead_row(14, line=99)])
    assert (result.added, result.repeated) == (8, 3)


def test_a_file_that_breaks_off_leaves_nothing_behind(store: Store) -> None:
    def breaking() -> Iterator[LeadRow]:
        yield from lead_rows(6000)
        raise RuntimeError("the file ends inside a quote")

    with pytest.raises(RuntimeError):
        imported(store, breaking())
    assert store.leads.lists() == ()
    assert store.leads.find("Lovelace") == ()
    assert imported(store, 1).added == 1


def test_a_later_batch_of_a_list_joins_the_campaigns_that_call_it(store: Store) -> None:
    campaign = campaign_with(store, 2)
    (on_list,) = store.campaigns.lists(campaign.id)
    imported(store, lead_rows(3, start=50), list_name=on_list.name, now=after(minutes=5))
    (count,) = store.queue.counts(campaign.id)
    assert (count.state, count.leads) == (LeadState.NEW, 5)
    due = [c.contact_point.number for c in store.queue.due(campaign.id, after(minutes=5), 10)]
    assert due == [number(n) for n in (0, 1, 50, 51, 52)]


def test_attaching_a_list_twice_gives_nobody_twice(store: Store) -> None:
    campaign = campaign_with(store, 2)
    (on_list,) = store.campaigns.lists(campaign.id)
    assert store.campaigns.attach_list(campaign.id, on_list.id, "anna", NOON) == 0


def test_an_import_is_undone_as_if_it_had_not_been(store: Store) -> None:
    campaign = campaign_with(store, 2)
    (on_list,) = store.campaigns.lists(campaign.id)
    result = imported(store, lead_rows(3, start=50), list_name=on_list.name, sha256="second")
    assert result.batch_id is not None
    assert store.leads.undo_batch(result.batch_id, "boris", after(minutes=1)) == 3
    summary = store.leads.list_summary(on_list.id)
    assert (summary.leads, summary.numbers) == (2, 2)
    assert store.queue.counts(campaign.id)[0].leads == 2
    undone = summary.batches[-1]
    assert (undone.undone_by, undone.undone_at, undone.added) == ("boris", after(minutes=1), 3)


def test_an_undone_file_can_be_imported_again_and_ids_are_not_used_twice(store: Store) -> None:
    result = imported(store, 2, sha256="same")
    assert result.batch_id is not None
    store.leads.undo_batch(result.batch_id, "anna", NOON)
    assert imported(store, 2, sha256="same").added == 2
    with pytest.raises(StoreRefused):
        store.leads.lead(2)
    assert store.leads.lead(3).contact_points[0].id == 3


def test_an_import_with_a_call_cannot_be_undone(store: Store) -> None:
    campaign = campaign_with(store, 3)
    attempt = claimed(store, campaign)
    with pytest.raises(StoreRefused, match=attempt.id):
        store.leads.undo_batch(1, "anna", NOON)
    assert len(claim(store, campaign, wanted=9).intents) == 2


def test_an_import_cannot_be_undone_twice(store: Store) -> None:
    imported(store)
    store.leads.undo_batch(1, "anna", NOON)
    with pytest.raises(StoreRefused, match="already"):
        store.leads.undo_batch(1, "anna", NOON)
    with pytest.raises(StoreRefused, match="no import"):
        store.leads.undo_batch(77, "anna", NOON)


@pytest.mark.parametrize("text", ["+12025550101", "5550101", "(555) 0101", "ovelace 1", "ADA@EXAMPLE", "crm-1"])
def test_a_lead_is_found_by_what_one_knows_of_him(store: Store, text: str) -> None:
    imported(store, [lead_row(0), lead_row(1, email="ada@example.com", external_id="crm-1")])
    (found,) = store.leads.find(text)
    assert found.lead.contact_points[0].number == number(1)
    assert found.lists == ("spring",)


@pytest.mark.parametrize("text", ["", "%", "_", "' OR 1=1 --", "nobody"])
def test_a_search_text_is_only_text(store: Store, text: str) -> None:
    imported(store, 2)
    assert store.leads.find(text) == ()


def test_a_list_tells_how_many_can_be_called_by_nobody(store: Store) -> None:
    both = (phone(number(5)), phone(number(6)))
    result = imported(store, [lead_row(0), lead_row(1), lead_row(5, contact_points=both)])
    for n in (0, 5):
        store.suppressions.add(entry(number(n)))
    summary = store.leads.list_summary(result.list_id)
    assert (summary.leads, summary.numbers, summary.suppressed) == (3, 4, 1)


def test_a_list_is_read_page_by_page(store: Store) -> None:
    result = imported(store, 5)
    first = store.leads.members(result.list_id, limit=3)
    rest = store.leads.members(result.list_id, after_person_id=first[-1].person_id, limit=3)
    assert [lead.person_id for lead in (*first, *rest)] == [1, 2, 3, 4, 5]


def test_persons_are_found_by_exactly_their_number(store: Store) -> None:
    imported(store, 2)
    imported(store, 1, list_name="another")
    assert store.leads.persons_with_number(number(0)) == (1, 3)
    assert store.leads.persons_with_number("+1202555010") == ()


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_list_needs_a_fit_name(store: Store, name: str) -> None:
    with pytest.raises(StoreRefused, match="name"):
        imported(store, 1, list_name=name)
