"""How does the service keep its log? One JSON object a line, UTC, ASCII: foreign text cannot forge a line of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler

from dialer.home import Home
from dialer.refusal import Refused
from dialer.settings import Settings

LARGEST_BYTES = 20_000_000
KEPT_FILES = 5


class JsonLines(logging.Formatter):
    """A record as one line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)


@contextmanager
def log_to(home: Home, settings: Settings) -> Iterator[None]:
    """Write all logs to the settings' file while the block runs; it is readable by its owner only.

    Raises Refused when it cannot be written.
    """
    path = home.below(settings.log.file)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        handler = RotatingFileHandler(path, maxBytes=LARGEST_BYTES, backupCount=KEPT_FILES, encoding="ascii")
    except OSError as fault:
        words = f"The log {path} cannot be written: {fault.strerror}"
        raise Refused(f"{words}. Mend log.file in {home.settings_file.name} or the folder. Nothing was done.") from None
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(settings.log.level)
    for talker in ("apscheduler", "alembic"):
        logging.getLogger(talker).setLevel(logging.WARNING)
    try:
        yield
    finally:
        root.setLevel(before)
        root.removeHandler(handler)
        handler.close()
