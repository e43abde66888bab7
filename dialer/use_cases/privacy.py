"""How does everything about a person come out, or go? By one of his numbers; what is out of our reach is said."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

from campaigns.foreign_text import csv_cell
from campaigns.model import CampaignState
from campaigns.storage.privacy_places import Subject
from dialer.erasure_key import erasure_key, make_erasure_key
from dialer.home import running_pid
from dialer.privacy_files import copies_of, files_of, overwrite, rewrite, tells
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.numbers import meant
from dialer.use_cases.shown import counted, lead_name

NOT_WRITTEN = "Nothing was written."
NOT_ERASED = "Nothing was erased."
OTHERS_SHOWN = 200
OUT_OF_REACH = (
    "Reports and exports that were copied or sent elsewhere, files leads were imported from, recordings and records of "
    "the carrier, and a PostgreSQL's archives and replicas are out of reach: see to them yourself."
)


def export(context: Context, args: Args) -> Done:
    """Write everything stored about the persons with `number` into the new folder `out`, all or nothing."""
    out = args.path("out").expanduser().absolute()
    if out.exists() or out.is_symlink():
        raise Refused(f"{out} is there already; name a new folder. {NOT_WRITTEN}")
    context.store.recognise_erased_by(partial(erasure_key, context.home))
    subject = _subject(context, args, NOT_WRITTEN)
    rows = {kind: [_plain(row) for row in some] for kind, some in context.store.privacy.rows(subject).items()}
    rows["files"] = [{"path": str(path)} for path in _telling(context, subject)]
    counts = {kind: len(some) for kind, some in rows.items()}
    if not any(counts.values()):
        return Done(message=f"Nothing is stored about this number. {NOT_WRITTEN}", data={"rows": counts, "out": None})
    _write_folder(out, rows)
    copies = [str(path) for path in copies_of(context.home)]
    words = f"Everything about {counted(len(subject.living), 'person')} is in {out}: {_words(counts)}."
    words += _same_key(context.store.privacy.whom.leads_with_the_same_key(subject), "not in it")
    if subject.others:
        others = counted(subject.others, "other has", "others have")
        words += f" What is kept by the number alone is in it only where it names the person: {others} the line, too."
    return Done(message=words, data={"rows": counts, "out": str(out), "copies": copies, "not_held": [OUT_OF_REACH]})


def preview(context: Context, args: Args) -> Done:
    """Whom an erasure would reach, and which leads lists call the same person; nothing is erased or kept of it."""
    store = context.store
    store.recognise_erased_by(partial(erasure_key, context.home))
    subject = _whom(context, _subject(context, args, NOT_ERASED), args.integer("with_same_key", 0))
    more = store.privacy.whom.leads_with_the_same_key(subject)
    counts = {kind: len(some) for kind, some in store.privacy.rows(subject).items()}
    words = f"It would erase {counted(len(subject.living), 'person')}: {_words(counts)}."
    if more:
        words += f" {counted(more, 'more lead')} with other numbers had the same person_key: erased only with"
        words += f" --with-same-key {more}. A wrong key may stand for many people: look at each first."
    words += _barred_with_him(subject, "It would bar")
    others = [
        {"name": name, "numbers": list(numbers)}
        for name, numbers in store.privacy.whom.told_of_the_same_key(subject, OTHERS_SHOWN)
    ]
    whom = [
        {"name": lead_name(lead), "numbers": [point.shown for point in lead.contact_points]}
        for lead in store.leads.leads(subject.living[:OTHERS_SHOWN])
    ]
    data = {"persons": len(subject.living), "whom": whom, "rows": counts, "same_key": more, "same_key_leads": others}
    data["others_on_the_line"] = subject.others
    return Done(message=f"{words} {NOT_ERASED}", data=data)


def erase(context: Context, args: Args) -> Done:
    """Make all persons with `number` unreadable everywhere in our reach; their numbers stay barred by keyed hashes.

    `with_same_key`: so many leads with the same key go, too; any other number than there are is refused. The reason
    goes to the log only as far as it names nobody. Answer and log never hold the number.
    """
    reason = args.optional_text("reason", longest=1000).strip()
    if not reason:
        raise Refused(f"Say why (--reason); it is kept as far as it names nobody. {NOT_ERASED}")
    store = context.store
    store.recognise_erased_by(partial(erasure_key, context.home))
    make_erasure_key(context.home, any_erased=store.any_erased)
    subject = _whom(context, _subject(context, args, NOT_ERASED), args.integer("with_same_key", 0))
    store.privacy.must_not_be_busy(subject)
    more = store.privacy.whom.leads_with_the_same_key(subject)
    changed = _erase_in_files(context, subject)
    counts = store.privacy.erase(subject, context.actor, context.now())
    cleaned = _clean(context)
    copies = [str(path) for path in copies_of(context.home)]
    pattern = subject.traces.pattern
    data = {
        "persons": len(subject.living),
        "rows": counts,
        "others_on_the_line": subject.others,
        "files": changed,
        "free_pages_cleaned": cleaned,
        "reason": pattern.sub("erased", reason) if pattern else reason,
        "copies": copies,
        "out_of_reach": [OUT_OF_REACH],
    }
    words = f"Erased: {counted(len(subject.living), 'person')}; {_words(counts)}, {counted(len(changed), 'file')}."
    words += " The numbers stay barred by a keyed hash." + _barred_with_him(subject, "It bars")
    words += _same_key(more, "not erased")
    if not cleaned:
        words += " A campaign runs, so what was in free pages before is cleared by 'dialer privacy clean' later."
    if counts["removals_ended"]:
        ended = counted(counts["removals_ended"], "waiting request", "waiting requests")
        words += f" {ended} to take a number off the list ended by it."
    if copies:
        words += f" The data is still in {counted(len(copies), 'copy', 'copies')} of the database: see to them."
    return Done(message=words, data=data)


def _subject(context: Context, args: Args, consequence: str) -> Subject:
    """Who is meant: all with the number, or with an extension those behind it. Raises Refused when they are nobody."""
    number = meant(args.text("number", longest=100), args.optional_text("region", "US"), consequence)
    subject = context.store.privacy.whom.subject(number.e164, number.extension or "")
    if number.extension and not subject.persons:
        raise Refused(
            f"Nobody with extension {number.extension} of {number.e164} is stored. Who has the number at all: "
            f"dialer privacy erase {number.e164} --preview. {consequence}"
        )
    return subject


def _whom(context: Context, subject: Subject, with_same_key: int) -> Subject:
    """Only as many as were looked at are taken along: a key may be wrong for thousands of leads. Raises Refused."""
    whom = context.store.privacy.whom
    there = whom.leads_with_the_same_key(subject) if with_same_key else 0
    if with_same_key != there:
        have = f"{counted(there, 'more lead')} with other numbers {'has' if there == 1 else 'have'} the same person_key"
        look = "look again with 'dialer privacy erase NUMBER --preview'"
        raise Refused(f"--with-same-key {with_same_key}: {have}; {look}. {NOT_ERASED}")
    return whom.subject(subject.asked, subject.extension, same_key=True) if with_same_key else subject


def _barred_with_him(subject: Subject, bars: str) -> str:
    """A line cannot be barred for one of those behind it."""
    if not subject.others:
        return ""
    return (
        f" {bars} the line for {counted(subject.others, 'other')} behind it too; where they may be called all the "
        "same, 'dialer dnc remove NUMBER' asks a second person. What is kept by the line alone (consents, entries) "
        "stays, without words that name the person."
    )


def _same_key(leads: int, what: str) -> str:
    """A key may be wrong for thousands of leads, so nobody is taken along for it unasked."""
    if not leads:
        return ""
    words = f" {counted(leads, 'more lead')} with other numbers had the same person_key: {what}."
    return f"{words} If that is the same person, name each of the other numbers too."


def clean(context: Context, _args: Args) -> Done:
    """Clear the database's free pages and its log. Refused while a campaign runs: it would wait for it."""
    if _runs(context):
        raise Refused("A campaign runs, and would have to wait for this. Pause all first. Nothing was done.")
    context.store.privacy.clean()
    return Done(message="Free pages and the write-ahead log hold nothing of what was deleted.")


def _erase_in_files(context: Context, subject: Subject) -> list[str]:
    """Files first: when one cannot be changed, the database still tells what to look for in it."""
    privacy = context.store.privacy
    files = files_of(context.home, context.settings, privacy.rejected_files())
    calls = privacy.calls(subject)
    changed: list[str] = []
    for path in (*files.reports, *files.rejected):
        of_a_list = path in files.rejected
        traces = subject.traces if of_a_list else subject.traces.without_keys
        written = rewrite(path, traces, calls, whole_rows=of_a_list)
        if written is not None:
            privacy.file_changed(str(path), written.sha256)
            changed.append(str(path))
    changed += (str(path) for path in files.logs if overwrite(path, subject.traces))
    return changed


def _clean(context: Context) -> bool:
    """Whether free pages are empty now. While calls are made, only what was erased is overwritten at once."""
    if _runs(context):
        context.store.privacy.empty_log()
        return False
    context.store.privacy.clean()
    return True


def _runs(context: Context) -> bool:
    """Whether a service may be dialling from this database now."""
    if running_pid(context.home) is None:
        return False
    return any(campaign.state is CampaignState.RUNNING for campaign in context.store.campaigns.all())


def _telling(context: Context, subject: Subject) -> list[Path]:
    files = files_of(context.home, context.settings, context.store.privacy.rejected_files())
    calls = context.store.privacy.calls(subject)
    try:
        return [path for path in files.all if tells(path, subject.traces, calls)]
    except OSError as fault:
        raise Refused(f"{fault.filename} cannot be read: {fault.strerror}. {NOT_WRITTEN}") from None


def _write_folder(out: Path, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Made aside and moved into place, readable by its owner only."""
    aside: Path | None = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent))
        for kind, some in rows.items():
            _write(aside / f"{kind}.json", json.dumps(some, ensure_ascii=True, indent=2, default=str) + "\n")
            _write(aside / f"{kind}.csv", _as_csv(some))
        aside.rename(out)
    except OSError as fault:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
        raise Refused(f"{out} could not be written: {fault.strerror or fault}. {NOT_WRITTEN}") from None


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    if rows:
        writer.writerow(rows[0])
    for row in rows:
        writer.writerow([_cell(value) for value in row.values()])
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return csv_cell(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _words(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{kind.replace('_', '-')} {count}" for kind, count in counts.items() if count) or "no row"


HANDLERS = {
    "privacy.export": Handler(run=export, kind=Kind.READ, slow=True),
    "privacy.preview": Handler(run=preview, kind=Kind.READ, slow=True),
    "privacy.erase": Handler(run=erase, kind=Kind.JOB, slow=True),
    "privacy.clean": Handler(run=clean, kind=Kind.JOB, slow=True),
}
