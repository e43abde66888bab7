"""What does the agent say next? Scripts as branching steps with stable keys.

A script is a TOML file written by the manager; `parse_script` reads it and names every fault at once,
`fill` puts a lead into a step's text, `leave_fault` tells whether an agent may leave here. A script in use
is never edited: a new import is a new version, and every attempt names the version it used.

    name = "autumn"
    title = "Autumn offer"
    start = "greeting"                # the first step of the file when left out

    [[steps]]
    key = "greeting"                  # stable: reports count by it; a-z, 0-9, _ and -
    text = "Good day {first_name}, this is {agent_name} of {seller_name}."
    may_leave = true                  # the agent may leave the script here, with a reason
    choices = [                       # the key the agent presses, what it means, where it leads
        { key = "1", label = "Has time", next = "offer" },
        { key = "2", label = "Not now", next = "goodbye" },
    ]

    [[steps]]
    key = "offer"
    text = "You have {custom.plan}. May I ask how old you are?"
    next = "goodbye"                  # instead of choices where there is only one way on
    fields = [                        # answers to capture; kinds: text, number, yes_no, choice, date
        { name = "age", label = "Age", kind = "number" },
        { name = "interest", kind = "choice", choices = ["high", "low"] },
    ]

    [[steps]]
    key = "goodbye"
    text = "Thank you, {first_name}."
    end = true                        # reaching an end completes the script

Placeholders: the lead's fields, {custom.<column>}, {answer.<field>} captured before, and {agent_name},
{seller_name}, {callback_number}.
"""

from campaigns.script.filling import fill
from campaigns.script.reading import ScriptFault, parse_script
from campaigns.script.steps import Choice, Field, FieldKind, Script, Step, answer_fault, leave_fault

__all__ = [
    "Choice",
    "Field",
    "FieldKind",
    "Script",
    "ScriptFault",
    "Step",
    "answer_fault",
    "fill",
    "leave_fault",
    "parse_script",
]
