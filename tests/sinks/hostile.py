"""Which texts does somebody put into a lead list who means harm, or whose export went wrong?"""

from __future__ import annotations

import re

HOSTILE = {
    "escape sequence": "\x1b[2J\x1b[31mred",
    "window title (OSC)": "\x1b]0;owned\x07",
    "C1 controls": "\x9b31m\x85next",
    "closing markup": "[/x]",
    "clickable markup": "[@click=app.quit]hi[/]",
    "formula =": "=cmd|' /C calc'!A0",
    "formula +": "+1+cmd|' /C calc'!A0",
    "formula -": "-2+3+cmd|' /C calc'!A0",
    "formula @": "@SUM(1+1)*cmd|' /C calc'!A0",
    "formula behind TAB": "\t=1+1",
    "formula behind CR": "\r=1+1",
    "full-width formula": "\uff1d1\uff0b1",
    "second manager action": "Ann\r\nAction: Originate\r\nChannel: Local/s@tone-play\r\n\r\n",
    "bare LF header": "Ann\nVariable: CALL=x",
    "forged log line": 'x"}\n{"level": "INFO", "message": "nothing happened"}',
    "NUL": "before\x00after",
    "bidi override": "\u202e0015552121+\u2066",
    "quotes and commas": "O'Neill, \"Ann\", '';--",
    "SQL": "x'); DROP TABLE attempt; --",
    "climbing path": "../../../../etc/passwd",
    "shell": "$(touch owned) `touch owned`; touch owned | x",
    "dialplan expression": "${EXTEN}${SHELL(touch owned)}$[1+1]",
    "5000 characters": "a" * 5000,
    "lone surrogate": "\ud800half",
    "SIP address": "sip:x@host",
    "second leg": "n&PJSIP/1001",
    "goto": "n,30,g",
}
"""By what it is. Each of them must be harmless in every sink."""

CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""What a terminal, an editor or a log reader could obey; a line feed and a tab are told apart by who uses this."""

FORMULA = re.compile("^[\\s']*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that a spreadsheet may run."""
