"""How does a campaign look and feel? A practice day on a real Asterisk, on this machine, calling nobody."""

from __future__ import annotations

from dialer.demo.run import run

__all__ = ["run"]
