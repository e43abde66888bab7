"""How do answers about single numbers come in, and what is there to ask: reassigned numbers, washed lists?"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from campaigns.dialable import US_REGIONS
from campaigns.exporting import ExportFault, write_whole
from campaigns.importing import CheckReport, Code, ImportStatus
from campaigns.number_answers import (
    REASSIGNED,
    WASHED,
    Answered,
    NumberAnswer,
    ReassignedAsked,
    judge_reassigned,
    known_since,
)
from campaigns.storage.errors import StoreRefused
from dialer.refusal import Refused
from dialer.use_cases.arguments import FIRST_YEAR, Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.number_rows import NumberRows, read
from dialer.use_cases.shown import counted, report_shown

NOTHING_STORED = "Nothing was stored."
FAULTS_NAMED = 20
DATE_COLUMNS = ("date", "about", "query_date", "consent_date", "last_known_good_date")
ANSWER_COLUMNS = ("answer", "result", "response", "status")
_WORDS = {
    REASSIGNED: {"yes": Answered.YES, "no": Answered.NO, "no data": Answered.NO_DATA},
    **{name: {"listed": Answered.LISTED, "clear": Answered.CLEAR} for name in WASHED},
}
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_WHOLE_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{8}", re.ASCII)


def import_reassigned(context: Context, args: Args) -> Done:
    """Keep all answers of the Reassigned Numbers Database in a file, or none. `asked`: the day it was asked.

    `correct`: why other answers to the same questions were wrong; those of the file take their place.
    """
    return _import(context, args, REASSIGNED)


def import_washed(context: Context, args: Args) -> Done:
    """The same of a list that a register gave back washed. `all_are`: what a file without a column answer says."""
    list_id = args.text("list", longest=40)
    if list_id not in WASHED:
        raise Refused(f"There is no washed list {list_id!r}; known: {', '.join(WASHED)}. {NOTHING_STORED}")
    return _import(context, args, list_id)


def _import(context: Context, args: Args, list_id: str) -> Done:
    file: NumberRows = args.prepared
    data: dict[str, Any] = {"report": report_shown(file.report)}
    _refuse_unless_whole(file.report, data)
    asked_at = _asked_at(args.text("asked", longest=40), context.now())
    usual, correct = {"answer": args.optional_text("all_are", longest=20)}, args.optional_text("correct", longest=1000)
    source, faults, made = Path(args.text("path")).name[:200], [], []
    for line, number, words in file.rows:
        try:
            answer, about = _answer_of(list_id, usual | {k: v for k, v in words.items() if v}, asked_at)
        except ValueError as fault:
            faults.append(f"line {line}: {fault}")
            continue
        made.append(
            NumberAnswer(
                list_id=list_id,
                number=number,
                answer=answer,
                asked_at=asked_at,
                about=about,
                account=args.optional_text("account", longest=200),
                source=source,
                actor=context.actor,
                recorded_at=context.now(),
            )
        )
    if faults:
        more = f" And {len(faults) - FAULTS_NAMED} more." if len(faults) > FAULTS_NAMED else ""
        named = " ".join(faults[:FAULTS_NAMED])
        raise Refused(f"{source}: {named}{more} {NOTHING_STORED}", data | {"faults": faults[:1000]})
    try:
        before = context.store.number_answers.corrected
        added, known = context.store.number_answers.add_many(made, correcting=correct)
        corrected = context.store.number_answers.corrected - before
    except StoreRefused as refusal:
        raise Refused(str(refusal), data) from None
    if list_id in WASHED:
        context.store.suppressions.registries_lifted((each.number for each in made), context.now())
    if context.engine is not None:
        context.later(context.engine.leads_changed)
    said = Counter(each.answer.value for each in made)
    told = ", ".join(f"{number} {word.replace('_', ' ')}" for word, number in sorted(said.items()))
    message = f"{source}: {counted(added, 'answer is', 'answers are')} kept now ({told}), {known} were already."
    if corrected:
        message += f" {counted(corrected, 'earlier answer was', 'earlier answers were')} corrected and kept on record."
    counts = {"added": added, "known": known, "corrected": corrected, "answers": dict(said)}
    return Done(message=message, data={**data, **counts})


def export(context: Context, args: Args) -> Done:
    """Write what the Reassigned Numbers Database is to be asked for a campaign: number and consent date."""
    campaign, path, now = context.campaign(args.text("campaign", longest=64)), args.path("path"), context.now()
    settings = context.store.campaigns.settings(campaign.id)
    consents, answers = (
        context.store.consents.of_campaign(campaign.id),
        context.store.number_answers.of_campaign(campaign.id),
    )
    counts: Counter[str] = Counter()
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("phone", "date"))
    for number, region in context.store.number_answers.waiting_numbers(campaign.id):
        since = known_since(consents.get(number, ()), settings.seller_name, settings.purpose, now)
        verdict = judge_reassigned(answers.get(number, ()), since, settings.reassigned_max_age_days, now)
        if region not in US_REGIONS:
            counts["elsewhere"] += 1
        elif since is None:
            counts["without a consent"] += 1
        elif verdict.passes:
            counts["answered"] += 1
        elif verdict.answer is Answered.LISTED and verdict.asked_at is not None and verdict.asked_at.date() >= since:
            counts["reassigned"] += 1
        else:
            counts["asked"] += 1
            writer.writerow((number.removeprefix("+1"), since.isoformat()))
    try:
        written = write_whole(path, text.getvalue().encode(), rows=counts["asked"])
    except ExportFault as fault:
        raise Refused(str(fault)) from None
    words = f"{counted(counts['asked'], 'number is', 'numbers are')} to be asked, in {path}. Left out:"
    left = ("answered", "reassigned", "without a consent", "elsewhere")
    words = f"{words} {', '.join(f'{counts[each]} {each}' for each in left)}."
    if settings.reassigned is ReassignedAsked.NONE:
        words = f"{words} {campaign.name} does not heed the answers yet: set reassigned=ask."
    data = {"path": str(written.path), "sha256": written.sha256, "asked": counts["asked"]}
    return Done(message=words, data=data | {"left_out": {each: counts[each] for each in left}})


def _refuse_unless_whole(report: CheckReport, data: Mapping[str, Any]) -> None:
    if report.status in (ImportStatus.REJECT, ImportStatus.PARTIAL):
        raise Refused(f"{report.message} {NOTHING_STORED} Mend the rows and import the file again.", data)
    repeated = [each.reason for each in report.warnings if each.code is Code.DUPLICATE]
    if repeated:
        words = "Put answers about other dates into a file of their own."
        raise Refused(f"{repeated[0]} A number stands once in a file of answers. {NOTHING_STORED} {words}", data)


def _answer_of(list_id: str, words: Mapping[str, str], asked_at: datetime) -> tuple[Answered, date | None]:
    """Raises ValueError, in words, for whatever is not said clearly."""
    known = _WORDS[list_id]
    text = next((words[name] for name in ANSWER_COLUMNS if words.get(name)), "")
    answer = known.get(text.lower().replace("_", " ").strip())
    if answer is None:
        raise ValueError(f"answer {text[:40]!r}: one of {', '.join(known)} is needed (a column answer or result).")
    if list_id != REASSIGNED:
        return answer, None
    about = _day(next((words[name] for name in DATE_COLUMNS if words.get(name)), ""))
    if about > asked_at.date():
        raise ValueError(f"the date asked about, {about}, is after {asked_at:%Y-%m-%d}, when it was asked.")
    return answer, about


def _day(text: str) -> date:
    american = _US_DATE.fullmatch(text)
    try:
        if american:
            month, day, year = map(int, american.groups())
            found = date(year, month, day)
        elif _WHOLE_DATE.fullmatch(text):
            found = date.fromisoformat(text)
        else:
            raise ValueError
    except ValueError:
        words = "the date that was asked about is needed (a column date), such as 2026-05-01 or 05/01/2026."
        raise ValueError(f"date {text[:40]!r}: {words}") from None
    if found.year < FIRST_YEAR:
        raise ValueError(f"date {text[:40]!r} is before {FIRST_YEAR}.")
    return found


def _asked_at(text: str, now: datetime) -> datetime:
    """A day counts from its first second in UTC, so that an answer rather ages too early than too late."""
    try:
        whole = _WHOLE_DATE.fullmatch(text)
        at = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC) if whole else _instant(text)
    except ValueError:
        words = "the day it was asked, such as 2026-11-21, or a time with its zone"
        raise Refused(f"--asked {text!r}: {words}. {NOTHING_STORED}") from None
    if at > now:
        raise Refused(f"--asked {text}: that is not past. {NOTHING_STORED}")
    if at < now - timedelta(days=3660):
        raise Refused(f"--asked {text}: that is more than ten years ago. {NOTHING_STORED}")
    return at


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError
    return at.astimezone(UTC)


HANDLERS = {
    "reassigned.import": Handler(run=import_reassigned, kind=Kind.WRITE, prepare=read),
    "reassigned.export": Handler(run=export, kind=Kind.JOB, slow=True),
    "washed.import": Handler(run=import_washed, kind=Kind.WRITE, prepare=read),
}
