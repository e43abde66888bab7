"""What does a new home's dialer.toml say? Every key with its default, for its owner to change."""

from __future__ import annotations

DEFAULT_FILE = """\
# Settings of this dialer. Every key may also be set as DIALER_<SECTION>_<KEY> in the environment.
# Secrets never stand here: they are kept in files of mode 0600, or in the environment.

[exchange]
kind = "managed"          # managed: a private Asterisk of ours; own: one of yours; simulated: no telephone
# sip_host = "127.0.0.1"  # the address the private Asterisk listens on for phones and trunks
# sip_port = 5060
# rtp_first = 10000       # four ports for each conversation
# rtp_last = 12999
# max_calls = 500
# messages = ["autumn-message"]  # kind "own": recordings you installed there that name seller and number (README)

[ami]                   # your own Asterisk's manager (exchange.kind = "own")
# host = "127.0.0.1"
# port = 5038
# user = "dialer"
# secret_file = "secrets/ami"
# watch_user = "watch"
# watch_secret_file = "secrets/ami-watch"

[database]
# url = "postgresql+psycopg://dialer@127.0.0.1/dialer"   # default: an SQLite file in this folder

[exports]
folder = "exports"
at = "04:10"              # local time of each campaign's zone

[control]               # screens and shells of other accounts than this one: they name the socket in DIALER_SOCKET
# socket = "/run/dialer/control.sock"  # in a folder that they can enter; default: control.sock in this home
# group = "dialer"        # its members may give every command; who needs a second person needs a second account

[service]
# drain_s = 30            # how long live calls may go on after the service was told to stop

[decisions]
# keep_days = 90          # how long 'dialer pace' can tell why calls were started or not

[dnc]                   # national do-not-call registries that are asked before every call
# registries = ["us-ftc"] # us-ftc, ca-dncl, uk-tps, uk-ctps, us-fl ...; each comes by 'dialer dnc import-registry'
# serves = ["us-ftc=us-wy"] # the first, which is kept here, stands for the second too; 'dialer dnc status' shows both
# us_area_codes = ["212"] # those of the subscription; default: those that the full list names
# folder = "registries"
# second_person = true    # false: one person alone may take a number off our own list; each such removal says so

[compliance]
# officers = ["anna"]     # the system's accounts that may ask for looser rules (rules override); another confirms

[receipts]
# keep_years = 5          # how long the receipts of calls and holds are kept (16 CFR 310.5 asks for five years)

[retention]             # days each class is kept; carried out every night, see 'dialer privacy status'
# calls_days = 1827       # then number, note and log of a call go; five years are the law's least (16 CFR 310.5)
# answers_days = 1827     # what people answered in scripts, and agents' notes
# commands_days = 1827
# exports_days = 1827
# rejected_days = 90      # files of rows that were not imported
# logs_days = 90
# below_law_because = ""  # which law lets you keep calls for less than five years

[log]
# level = "INFO"
"""
