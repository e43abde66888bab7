"""Would this list come into force, and if it may: bring it into force.

All files of an import together make one generation, all or nothing. Every refusal leaves the former one in force.
"""

from datetime import datetime
from pathlib import Path

from campaigns.importing.report import ImportStatus
from campaigns.registry.faults import FORMER_STAYS, RegistryCode, RegistryFault, RegistryRefused
from campaigns.registry.gathering import Gathered, Tell, gather
from campaigns.registry.generations import Generations, NewGeneration
from campaigns.registry.manifest import Manifest
from campaigns.registry.open_list import OpenList, open_list
from campaigns.registry.report import ListReport, Progress
from campaigns.registry.sealed_files import DataFile
from campaigns.registry.suspicion import Judgement, judge, suspicious_dates
from campaigns.registry.values import Kind, ListImport


def check_list(root: Path, order: ListImport, now: datetime, tell: Tell | None = None) -> ListReport:
    """What bringing it into force would do; nothing is written. `tell` hears how far it is; what it raises ends it.

    Never raises for bad input: a refusal is a report too.
    """
    try:
        before = _before(root, order)
        return _report(order, _read(order, before, now, tell), before, generation=None)
    except RegistryRefused as refused:
        return _refused(order, (refused.fault,))
    except _Suspicious as suspicious:
        return _refused(order, suspicious.faults)


def import_list(root: Path, order: ListImport, now: datetime, tell: Tell | None = None) -> ListReport:
    """Brings the list into force when nothing is odd about it; `generation` of the report says that it is.

    One import of a list at a time; `root` is made when it is missing. Never raises for bad input or a full disk.
    """
    try:
        with Generations(root, order.registry.id).importing() as new:
            before = _before(root, order)
            gathered = _read(order, before, now, tell)
            report = _report(order, gathered, before, generation=None)
            if report.status not in (ImportStatus.OK, ImportStatus.OK_WARN):
                return report
            _put_in_force(order, gathered, before, new, now)
            return _report(order, gathered, before, generation=new.number)
    except RegistryRefused as refused:
        return _refused(order, (refused.fault,))
    except _Suspicious as suspicious:
        return _refused(order, suspicious.faults)


class _Suspicious(Exception):
    """Known before any file was opened."""

    def __init__(self, faults: tuple[RegistryFault, ...]) -> None:
        super().__init__(faults)
        self.faults = faults


def _before(root: Path, order: ListImport) -> OpenList:
    """The list in force; opening it compares it with its seal, so that no damage is changed and sealed anew."""
    return open_list(root, order.registry.id)


def _read(order: ListImport, before: OpenList, now: datetime, tell: Tell | None) -> Gathered:
    faults = suspicious_dates(order, _yardstick(order, before), now)
    if faults:
        raise _Suspicious(faults)
    return gather(order, before, tell or _nobody_listens)


def _yardstick(order: ListImport, before: OpenList) -> Manifest | None:
    """What the new list is compared with. A damaged list can still be replaced by a full one, but not by any."""
    if before.manifest is not None or order.kind is Kind.CHANGES:
        return before.manifest
    return before.generations.last_known()


def _nobody_listens(progress: Progress) -> None:
    """Progress that nobody asked for."""


def _put_in_force(order: ListImport, gathered: Gathered, before: OpenList, new: NewGeneration, now: datetime) -> None:
    def record(data: tuple[DataFile, ...]) -> Manifest:
        return _manifest(order, gathered, before, new.number, data, now)

    new.put_in_force(new.write(gathered.builder.write, record))
    new.forget_old_data()


def _manifest(
    order: ListImport,
    gathered: Gathered,
    before: OpenList,
    number: int,
    data: tuple[DataFile, ...],
    now: datetime,
) -> Manifest:
    return Manifest(
        list_id=order.registry.id,
        generation=number,
        before=before.generation,
        kind=order.kind,
        source=str(order.registry.source),
        form=gathered.form,
        list_date=order.list_date,
        since=order.since,
        sequence=order.sequence,
        built_at=now,
        who=order.who,
        accepted=order.accept.words(),
        count=gathered.found.count,
        added=gathered.added,
        removed=gathered.removed,
        counts=gathered.found.counts,
        data=data,
        sources=gathered.sources,
    )


def _report(order: ListImport, gathered: Gathered, before: OpenList, generation: int | None) -> ListReport:
    found, judged = gathered.found, judge(order, gathered.found, _yardstick(order, before))
    accepted = found.faulty_rows and not any(fault.code is RegistryCode.ROW for fault in judged.refusals)
    rows = gathered.row_faults
    warnings = (*judged.warnings, *(rows if accepted else ()))
    return ListReport(
        status=_status(judged, warnings),
        list_id=order.registry.id,
        generation=generation,
        rows=found.rows,
        faulty_rows=found.faulty_rows,
        count=found.count,
        added=gathered.added,
        removed=gathered.removed,
        covered=tuple(sorted(found.counts)),
        faults=(*judged.refusals, *(() if accepted else rows)),
        warnings=warnings,
        message=_message(order, gathered, judged, generation),
    )


def _status(judged: Judgement, warnings: tuple[RegistryFault, ...]) -> ImportStatus:
    if any(fault.code is not RegistryCode.ROW for fault in judged.refusals):
        return ImportStatus.REJECT
    if judged.refusals:
        return ImportStatus.PARTIAL
    return ImportStatus.OK_WARN if warnings else ImportStatus.OK


def _message(order: ListImport, gathered: Gathered, judged: Judgement, generation: int | None) -> str:
    if judged.refusals:
        return judged.refusals[0].reason
    words = f"{order.registry.id}: {gathered.found.count:,} numbers in {len(gathered.found.counts):,} covered prefixes"
    words = f"{words}, {gathered.added:,} added and {gathered.removed:,} removed."
    if generation is None:
        return f"{words} Nothing is odd about it. Nothing was stored: this was a check."
    return f"{words} Generation {generation} is in force."


def _refused(order: ListImport, faults: tuple[RegistryFault, ...]) -> ListReport:
    message = faults[0].reason
    return ListReport(
        status=ImportStatus.REJECT,
        list_id=order.registry.id,
        generation=None,
        rows=0,
        faulty_rows=0,
        count=0,
        added=0,
        removed=0,
        covered=(),
        faults=faults,
        warnings=(),
        message=message if FORMER_STAYS in message else f"{message} {FORMER_STAYS}",
    )
