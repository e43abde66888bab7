"""How is a command refused? One error for everything a person can mend himself."""

from __future__ import annotations


class Refused(Exception):
    """A command was not carried out; the message says what, why and what now. Nothing was dialled or stored."""
