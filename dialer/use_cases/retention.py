"""How long is what kept, and what does the night take away? Once a day; what failed is tried the next night."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from campaigns.exporting import ExportFault, write_whole
from campaigns.storage.errors import StoreError
from dialer.due import latest_date, night_is_due
from dialer.erasure_key import erasure_key, make_erasure_key
from dialer.privacy_files import files_of
from dialer.refusal import Refused
from dialer.settings_faults import CALLS_LAW_DAYS
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.shown import counted, when

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Class:
    """One class of what is kept. `forget` takes away what is older than an instant: how much went; none: nothing does
    here. `law_days` is the least a law asks for, 0 when none does."""

    name: str
    keep_days: int | None
    oldest: Callable[[], datetime | None]
    forget: Callable[[datetime], int] | None
    then: str
    law_days: int = 0


def classes(context: Context) -> tuple[Class, ...]:
    """Every class with what is set for it."""
    set_, kept = context.settings.retention, context.store.retention
    files = files_of(context.home, context.settings, context.store.privacy.rejected_files())
    live = context.home.below(context.settings.log.file)
    old_logs = tuple(path for path in files.logs if path != live and not _in_use(path))
    return (
        Class(
            name="calls",
            keep_days=_calls_days(context),
            oldest=kept.oldest_call,
            forget=partial(_forget_calls, context),
            then="number, note and log go, figures stay",
            law_days=CALLS_LAW_DAYS,
        ),
        Class(
            name="answers",
            keep_days=set_.answers_days,
            oldest=kept.oldest_answers,
            forget=kept.forget_answers,
            then="answers and notes are blanked",
        ),
        Class(name="recordings", keep_days=None, oldest=lambda: None, forget=None, then="none are made"),
        Class(
            name="decision log",
            keep_days=context.settings.decisions.keep_days,
            oldest=kept.oldest_decision,
            forget=None,  # by dialer.use_cases.pace.forget_old, at every look
            then="deleted",
        ),
        Class(
            name="commands",
            keep_days=set_.commands_days,
            oldest=kept.oldest_command,
            forget=kept.forget_commands,
            then="deleted",
        ),
        _files_class("exports", set_.exports_days, files.reports),
        _files_class("rejected rows", set_.rejected_days, files.rejected),
        _files_class("logs", set_.logs_days, old_logs),
    )


def status(context: Context, _args: Args) -> Done:
    """What is kept how long, the oldest of each class, and what the last night took away."""
    context.store.recognise_erased_by(partial(erasure_key, context.home))
    last = _last(context)
    shown = [_shown(each, context.now(), last) for each in classes(context)]
    overdue = [each["class"] for each in shown if each["overdue"]]
    night = f"The last night's tidying was that of {last['night']}." if last else "No night was tidied yet."
    words = f"{night} Kept too long now: {', '.join(overdue)}." if overdue else f"{night} Nothing is kept too long."
    notes = [
        "A class is tidied once a day while the service runs. Do-not-call entries and consents never go by age.",
        "Copies of the database and files that were sent elsewhere are not tidied.",
    ]
    because = context.settings.retention.below_law_because.strip()
    if because:
        notes.append(f"Calls may go before the law's {CALLS_LAW_DAYS} days because: {because}")
    return Done(message=words, data={"classes": shown, "night": last.get("night"), "notes": notes})


def tidy_due(context: Context) -> dict[str, int] | None:
    """Tidy once a night: how much went of each class; none when this night was tidied."""
    last, at = _last(context), context.settings.exports.at
    night = _night(last)
    if not night_is_due(context.now(), night, at):
        return None
    gone = tidy(context)
    done = {
        "night": latest_date(context.now(), "UTC", at).isoformat(),
        "at": when(context.now()),
        "gone": gone,
    }
    try:
        write_whole(context.home.tidied_file, (json.dumps(done) + "\n").encode())
    except ExportFault as fault:
        log.error("the night was tidied, but that cannot be written down: %s", fault)
    return gone


def tidy(context: Context) -> dict[str, int]:
    """Take away what is too old now. A class that fails is logged and left for the next night."""
    gone: dict[str, int] = {}
    for each in classes(context):
        if each.forget is None or each.keep_days is None:
            continue
        before = context.now() - timedelta(days=each.keep_days)
        try:
            gone[each.name] = each.forget(before)
        except (StoreError, Refused, OSError) as fault:
            log.error("what is too old of %s is still there: %s", each.name, fault)
            continue
        if gone[each.name]:
            log.info("%s older than %d days: %d went (%s)", each.name, each.keep_days, gone[each.name], each.then)
    if any(gone.values()):
        context.store.privacy.empty_log()
    return gone


def _calls_days(context: Context) -> int:
    """As set, and as long as the rule profiles of the oldest calls ask, unless the settings name another law."""
    set_ = context.settings.retention
    today = context.now().date()
    kept_from = None if set_.below_law_because.strip() else context.store.receipts.kept_from(today)
    return set_.calls_days if kept_from is None else max(set_.calls_days, (today - kept_from).days + 1)


def _forget_calls(context: Context, before: datetime) -> int:
    """Numbers become keyed hashes, so the key is made first when there is something to do."""
    oldest = context.store.retention.oldest_call()
    if oldest is None or oldest >= before:
        return 0
    context.store.recognise_erased_by(partial(erasure_key, context.home))
    make_erasure_key(context.home, any_erased=context.store.any_erased)
    return context.store.retention.anonymise_calls(before)


def _files_class(name: str, keep_days: int, paths: tuple[Path, ...]) -> Class:
    return Class(
        name=name,
        keep_days=keep_days,
        oldest=lambda: min((_changed_at(path) for path in paths if path.exists()), default=None),
        forget=partial(_delete, paths),
        then="deleted",
    )


def _delete(paths: Iterable[Path], before: datetime) -> int:
    old = [path for path in paths if path.exists() and _changed_at(path) < before]
    for path in old:
        path.unlink()
    return len(old)


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _in_use(path: Path) -> bool:
    """Logs that a running process of ours appends to keep their plain name; rotated ones end with a number."""
    return not path.suffix.removeprefix(".").isdigit() and not path.name.startswith("dialer-fault-")


def _shown(each: Class, now: datetime, last: dict[str, Any]) -> dict[str, Any]:
    oldest = each.oldest()
    overdue = bool(oldest and each.keep_days is not None and oldest < now - timedelta(days=each.keep_days + 1))
    return {
        "class": each.name,
        "keep_days": each.keep_days,
        "law_days": each.law_days or None,
        "oldest": when(oldest),
        "overdue": overdue,
        "then": each.then,
        "last_night": counted(int(last.get("gone", {}).get(each.name, 0)), "went", "went") if last else None,
    }


def _last(context: Context) -> dict[str, Any]:
    """What the last night wrote down; nothing when that cannot be read: then the night is tidied once more."""
    try:
        found = json.loads(context.home.tidied_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and _night(found) is not None else {}


def _night(last: dict[str, Any]) -> date | None:
    try:
        return date.fromisoformat(str(last.get("night", "")))
    except ValueError:
        return None


HANDLERS = {"privacy.status": Handler(run=status, kind=Kind.READ, slow=True)}
