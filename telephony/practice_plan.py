"""Which configuration makes an Asterisk play the practice table, and which SIPp scenarios play the rest?

The far end trusts nobody but loopback. Numbers that Asterisk cannot play (it always answers an INVITE, and always
sends BYE) are redirected by 302 to SIPp on the same address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from telephony import practice
from telephony.asterisk.configuration import Folders
from telephony.asterisk.configuration.system import (
    MEDIA_MODULES,
    PLAN_MODULES,
    SIP_MODULES,
    asterisk_conf,
    cdr_conf,
    empty_files,
    logger_conf,
    modules_conf,
    rtp_conf,
)
from telephony.practice import TABLE, PracticeKind
from telephony.practice_log import ATTEMPT_HEADER

PRACTICE_MODULES = (*SIP_MODULES, *MEDIA_MODULES, *PLAN_MODULES, "func_env", "app_senddtmf", "app_transfer")
NEVER_PORT, VANISH_PORT = 5070, 5071
RTP_FIRST, RTP_LAST = 20000, 28999
SIPP_RTP_FIRST, SIPP_RTP_LAST = 29000, 29998


@dataclass(frozen=True, kw_only=True)
class PracticePace:
    """How much longer than in the table callees ring and talk; 1 is made for tests, a demo talks longer."""

    ring: float = 1.0
    talk: float = 1.0


def render_practice(folders: Folders, *, host: str, port: int, calls: Path, pace: PracticePace) -> Mapping[str, str]:
    """File name to text for the practice Asterisk at host:port, writing its call log to `calls`."""
    return {
        **empty_files(),
        "asterisk.conf": asterisk_conf(folders, max_calls=3000),
        "modules.conf": modules_conf(PRACTICE_MODULES),
        "logger.conf": logger_conf(),
        "cdr.conf": cdr_conf(),
        "manager.conf": "[general]\nenabled = no\n",
        "rtp.conf": rtp_conf(RTP_FIRST, RTP_LAST),
        "pjsip.conf": _pjsip_conf(host, port),
        "extensions.conf": _extensions_conf(host, calls, pace),
    }


def _pjsip_conf(host: str, port: int) -> str:
    return (
        "[global]\ntype = global\nuser_agent = practice-exchange\nendpoint_identifier_order = ip\n"
        f"[transport-udp]\ntype = transport\nprotocol = udp\nbind = {host}:{port}\n"
        "[dialer]\ntype = endpoint\ntransport = transport-udp\ncontext = from-dialer\ndisallow = all\n"
        "allow = ulaw,alaw\ndirect_media = no\nrtp_timeout = 60\nbind_rtp_to_media_address = yes\n"
        f"media_address = {host}\nidentify_by = ip\n"
        "[dialer]\ntype = identify\nendpoint = dialer\nmatch = 127.0.0.0/8\n"
    )


def _extensions_conf(host: str, calls: Path, pace: PracticePace) -> str:
    known = "".join(f"exten => _{plan},1,Goto(callee,start,1)\n" for plan in practice.RESERVED)
    known = known.replace("Goto(callee,start,1)", "Set(NUM=${EXTEN})\n same => n,Goto(callee,start,1)")
    stranger = "exten => _[+0-9].,1,Set(NUM=${FILTER(+0-9,${EXTEN})})\n same => n,Goto(callee,stranger,1)\n"
    return (
        "[general]\nstatic = yes\nwriteprotect = yes\nautofallthrough = yes\n"
        f"[from-dialer]\n{known}{stranger}[callee]\n{_start()}{_callees(host, pace)}"
        f"{_lines('_[0-9*#]', _KEYED)}{_end(calls)}"
    )


def _start() -> str:
    rows = "".join(f" same => n,GotoIf($[${{NUM:-2}} >= {first}]?{kind.value},1)\n" for first, kind in reversed(TABLE))
    return f"{_lines('start', _RECEIVED)}{rows}{_lines('stranger', (*_RECEIVED, 'Set(KIND=stranger)', *_refuse(404)))}"


_RECEIVED = (
    "Set(AT=${STRFTIME(,,%s.%3q)})",
    f"Set(ID=${{FILTER(a-z0-9\\-,${{PJSIP_HEADER(read,{ATTEMPT_HEADER})}})}})",
    "Set(CODE=487)",
    "Set(SEED=${NUM:-10})",
)


def _callees(host: str, pace: PracticePace) -> str:
    return "".join(
        _lines(kind.value, (f"Set(KIND={kind.value})", *steps)) for kind, steps in _steps(host, pace).items()
    )


def _steps(host: str, pace: PracticePace) -> Mapping[PracticeKind, tuple[str, ...]]:
    kinds = PracticeKind
    ring = _ring(practice.SPEECH_RING_MS, practice.SPEECH_RING_STEPS, 100, pace)
    slow = _ring(practice.SLOW_RING_MS, practice.SLOW_RING_STEPS, practice.SLOW_RING_STEP_MS, pace)
    talk = (
        f"Set(TIMEOUT(absolute)=$[({practice.SPEECH_TALK_MS} + ${{SEED}} % {practice.SPEECH_TALK_STEPS} * 500)"
        f" * {pace.talk} / 1000])",
        _LISTENING_HELLO, *_SPEECH,
    )  # fmt: skip
    return {
        kinds.ANSWERS_SPEECH: (*ring, *_ANSWER, *talk),
        kinds.ANSWERS_SLOWLY: (*slow, *_ANSWER, *talk),
        kinds.NO_ANSWER: ("Ringing()", "Wait(600)"),
        kinds.BUSY: (*ring, *_refuse(486)),
        kinds.UNALLOCATED: _refuse(404),
        kinds.REJECTED: (*ring, *_refuse(603)),
        kinds.CONGESTION: _refuse(503),
        kinds.UNAVAILABLE: (*ring, *_refuse(480)),
        kinds.HANGS_UP_AT_ONCE: (*ring, *_ANSWER, "Wait(0.03)", "Set(BY=callee)", "Hangup()"),
        kinds.ANSWERING_MACHINE: (*ring, *_ANSWER, *_machine(pace)),
        kinds.ANNOUNCEMENT: ("Progress()", *(["Playback(cannot-complete-as-dialed&silence/1,noanswer)"] * 60)),
        kinds.NEVER_REPLIES: _redirect(host, NEVER_PORT),
        kinds.VANISHES: _redirect(host, VANISH_PORT),
        kinds.OPTS_OUT: (*ring, *_ANSWER, f"Set(TIMEOUT(absolute)={practice.OPTS_OUT_TALK_MS / 1000})",
                         _HELLO, *(["SendDTMF(9,,150)", "Playback(silence/1)"] * 6), "Wait(10)"),
    }  # fmt: skip


# Without `i` Asterisk waits half a second for sound from the caller first.
_ANSWER = ("Answer(,i)", "Set(ANSWERED=${STRFTIME(,,%s.%3q)})", "Set(CODE=200)")


# A person says a word and waits. The silence is sent, as a telephone does: `Wait` sends nothing, and answering machine
# detection hears no silence in that (measured: NOTSURE after 5 s instead of HUMAN).
_HELLO = "Playback(hello-world&silence/2)"


# A switchboard notes what is keyed: a key in Background jumps to the extension of its own name, at once.
_LISTENING_HELLO = _HELLO.replace("Playback", "Background")
_SPEECH = ("Background(demo-congrats)",) * 3
_KEYED = ("Set(KEYS=${KEYS}${EXTEN})", *_SPEECH)


def _machine(pace: PracticePace) -> tuple[str, ...]:
    greeting = "Playback(vm-theperson&digits/5&digits/5&digits/5&vm-isunavail&vm-intro)"
    return (greeting, "Playback(beep)", f"Wait({practice.MACHINE_RECORDS_MS / 1000 * pace.talk})",
            "Set(BY=callee)", "Hangup()")  # fmt: skip


def _ring(first_ms: int, steps: int, step_ms: int, pace: PracticePace) -> tuple[str, ...]:
    return ("Ringing()", f"Wait($[({first_ms} + ${{SEED}} % {steps} * {step_ms}) * {pace.ring} / 1000])")


def _refuse(code: int) -> tuple[str, ...]:
    return ("Set(BY=callee)", f"Set(CODE={code})", f"PJSIPHangup({code})")


def _redirect(host: str, port: int) -> tuple[str, ...]:
    # SIPp writes the log line of such a call; Asterisk only passes it on.
    return ("Set(ELSEWHERE=1)", f"Transfer(PJSIP/sip:${{NUM}}@{host}:{port})", "Hangup()")


def _end(calls: Path) -> str:
    # A call may be given up before the first step was done: the line must be whole even then.
    line = (
        '{"at":${IF($["${AT}" = ""]?${STRFTIME(,,%s.%3q)}:${AT})},'
        '"number":"${NUM}","attempt_id":"${ID}","kind":"${KIND}",'
        '"answered":${IF($["${ANSWERED}" = ""]?false:true)},'
        '"answered_at":${IF($["${ANSWERED}" = ""]?null:${ANSWERED})},"ended_at":${STRFTIME(,,%s.%3q)},'
        '"ended_by":"${IF($["${BY}" = ""]?caller:${BY})}","sip_code":${IF($["${CODE}" = ""]?487:${CODE})},'
        '"keys":"${KEYS}"}'
    )
    return _lines("T", ("Set(BY=callee)", "Hangup()")) + _lines(
        "h", ('GotoIf($["${ELSEWHERE}" = "1"]?done)', f"Set(FILE({calls},,,al,u)={line})", "NoOp()")
    ).replace("n,NoOp()", "n(done),NoOp()")


def _lines(extension: str, steps: tuple[str, ...]) -> str:
    first, *rest = steps
    return f"exten => {extension},1,{first}\n" + "".join(f" same => n,{step}\n" for step in rest)


def scenario(kind: PracticeKind, audio: Path | None = None) -> str:
    """The SIPp scenario for a kind that Asterisk cannot play; `audio` is raw mu-law sound for VANISHES."""
    vanishes = kind is PracticeKind.VANISHES
    outcome = '"answered":true,"answered_at":THEN,' if vanishes else '"answered":false,"answered_at":null,'
    logged = (
        '{"at":WHEN,"number":"[$number]","attempt_id":"[$id]","kind":"KIND",'
        f'{outcome}"ended_at":null,"ended_by":"nobody","sip_code":{200 if vanishes else "null"}}}'
    )
    body = _VANISHES if vanishes else _NEVER_REPLIES
    filled = (
        (_INVITE + body)
        .replace("LOGGED", _escaped(logged))
        .replace("WHEN", _escaped('{"s":[$s],"us":[$us]}'))
        .replace("THEN", _escaped('{"s":[$as],"us":[$aus]}'))
        .replace("KIND", kind.value)
        .replace("HEADER", ATTEMPT_HEADER)
        .replace("AUDIO", str(audio))
        .replace("RINGS", str(practice.VANISH_RING_MS))
        .replace("AFTER", str(practice.VANISHES_AFTER_MS))
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{kind.value}">\n{filled}</scenario>\n'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;")


_INVITE = """\
<recv request="INVITE"><action>
<ereg regexp="sip:([+0-9]+)@" search_in="msg" check_it="false" assign_to="whole,number"/>
<ereg regexp="([a-z0-9-]+)" search_in="hdr" header="HEADER:" check_it="false" assign_to="same,id"/>
<gettimeofday assign_to="s,us"/>
</action></recv>
<Reference variables="whole,same"/>
"""

_LOG = '<nop><action><log message="LOGGED"/></action></nop>\n'

# Long enough that the caller has given up: a finished call would be taken for a new one by a late repetition.
_NEVER_REPLIES = _LOG + '<pause milliseconds="34000"/>\n'

_REPLY = """\
[last_Via:]
[last_From:]
[last_To:];tag=[pid]vanish[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
"""

_VANISHES = (
    f"<send><![CDATA[\n\nSIP/2.0 180 Ringing\n{_REPLY}Content-Length: 0\n\n]]></send>\n"
    '<pause milliseconds="RINGS"/>\n'
    f"""<send retrans="500"><![CDATA[

SIP/2.0 200 OK
{_REPLY}Content-Type: application/sdp
Content-Length: [len]

v=0
o=practice 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000

]]></send>
<recv request="ACK"/>
<nop><action><gettimeofday assign_to="as,aus"/></action></nop>
"""
    + _LOG
    + """\
<nop><action><exec rtp_stream="AUDIO,-1,0,PCMU/8000"/></action></nop>
<pause milliseconds="AFTER"/>
"""
)
