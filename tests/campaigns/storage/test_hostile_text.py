"""Is foreign text only text, in every column, on both databases?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from campaigns.model import AgentState, AttemptEvent, EventKind, ScriptVisit
from campaigns.storage import Store
from tests.builders.stored import (
    NOON,
    TALKED,
    after,
    campaign_with,
    claimed,
    entry,
    imported,
    lead_row,
    number,
    retry,
)

HOSTILE = (
    "Robert'); DROP TABLE attempt;--",
    "x\r\nAction: Originate\r\n\r\n",
    "${SHELL(id)} %(name)s {0} :name ?",
    "[/x][@click=app.quit]hi[/]",
    "\x1b]0;title\x07\x9b31m\u202e",
    '=cmd|"/c calc"!A1',
    "日本語 Ївга 😀 e\u0301",
    "tab\tand\nnew line \\ / \" ' `",
    "",
    "a" * 50_000,
)
NEVER_STORABLE = ("before\0after", "lone \ud800 surrogate", "\udc80")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_of_a_lead_comes_back_unchanged(store: Store, text: str) -> None:
    names = ("first_name", "last_name", "display_name", "external_id", "postal_code", "email", "language", "note")
    texts: dict[str, Any] = dict.fromkeys(names, text)
    imported(store, [lead_row(custom=((text, text),), **texts)])
    lead = store.leads.lead(1)
    assert [getattr(lead, name) for name in names] == [text] * len(names)
    assert lead.custom == ((text, text),)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_of_an_attempt_comes_back_unchanged(store: Store, text: str) -> None:
    attempt = claimed(store, campaign_with(store), trunk=text)
    names = ("network_detail", "ended_by", "script_end_step", "leave_reason", "disposition", "note", "cancel_reason")
    changes: dict[str, Any] = dict.fromkeys(names, text)
    steps = (ScriptVisit(step=text, at=after(seconds=1), answers=((text, text),)),)
    facts = replace(TALKED, script_steps=steps, **changes)
    store.attempts.append([AttemptEvent(attempt_id=attempt.id, kind=EventKind.NOTE, at=NOON, data=((text, text),))])
    store.attempts.close(attempt.id, facts, retry(attempt), None, NOON)
    found = store.attempts.get(attempt.id)
    assert found is not None
    assert (found.facts, found.trunk) == (facts, text)
    assert store.attempts.events(attempt.id)[-1].data == ((text, text),)


@pytest.mark.parametrize("text", HOSTILE[:-2], ids=range(len(HOSTILE) - 2))
def test_text_of_everything_else_comes_back_unchanged(store: Store, text: str) -> None:
    campaign = campaign_with(store)
    agent = store.agents.add(text, "2001", NOON, sip_secret_ref=text, pin_hash=text)
    assert store.agents.find(text) == agent
    store.agents.move(agent.id, campaign.id, AgentState.PAUSE, text, NOON)
    assert store.agents.running()[0].pause_code == text
    listed = store.suppressions.add(entry(number(9), reason=text, source=text, actor=text))
    assert store.suppressions.matching(number(9)) == (listed,)
    store.scripts.save_version(text, text, text, NOON)
    script = store.scripts.script(text)
    assert script is not None
    assert (script.name, script.body, script.actor) == (text, text, text)
    store.commands.remember(text, text, text, text, NOON, {text: [text]})
    command = store.commands.answer_of(text)
    assert command is not None
    assert (command.name, command.actor, command.reason, command.answer) == (text, text, text, {text: [text]})
    assert imported(store, [lead_row(1)], list_name=text, source=text, actor=text).added == 1
    assert store.leads.list_by_name(text) is not None


@pytest.mark.parametrize("text", NEVER_STORABLE, ids=range(len(NEVER_STORABLE)))
def test_what_no_database_takes_is_replaced_and_loses_no_call(store: Store, text: str) -> None:
    attempt = claimed(store, campaign_with(store))
    store.attempts.append([AttemptEvent(attempt_id=attempt.id, kind=EventKind.NOTE, at=NOON, data=(("text", text),))])
    store.attempts.close(attempt.id, replace(TALKED, note=text), retry(attempt), None, NOON)
    found = store.attempts.get(attempt.id)
    assert found is not None
    assert "\N{REPLACEMENT CHARACTER}" in found.facts.note
    ((_, stored),) = store.attempts.events(attempt.id)[-1].data
    assert stored == found.facts.note
