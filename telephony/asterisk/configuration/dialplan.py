"""What happens to a channel inside the dialer's Asterisk? Renders extensions.conf.

Nobody can dial: every leg is originated by the dialer and every move is a Redirect of his into a context below.
Channel variables, all filtered here again, none of them from a lead: CALL and LEG ([a-z0-9-]), AG (four digits),
SAFEMS (message start in ms after the answer or verdict), TALKS (talk limit in s), MSG (name of the message), REC (1 =
record), DETECT (1 = answering machine detection first), MODE (listen, whisper, barge), KEYS (0-9 * #) and KEYWAIT (ms
before them). What happened is told by the
user event `Dialer` with these stages:

  AgentUp(Agent, Leg)             the nailed leg is answered and enters its room
  AgentRefused(Agent, Leg)        his room is already taken by another leg of his
  Joined(Call, Agent)             the customer enters the agent's room, where the agent is
  JoinRefused(Call, Agent, Reason)  no agent there (empty) or another customer (busy); the customer waits on
  AgentLost(Call, Agent)          the agent left a running conversation; the customer hears the holding message
  HoldOver(Call)                  nobody came back to a customer on hold in time; his call ends
  Screened(Call, Verdict, Words)  detection's verdict: HUMAN, UNKNOWN (they wait on) or MACHINE (hung up)
  Safe(Call)                      the abandonment message begins
  SafeDone(Call, Opt)             it is over; Opt is the key pressed, or empty
  KeysSent(Call, Keys)            the customer's far end was sent these keys as tones
  LoginRequest(Agent, Pin)        somebody dialled the log-in extension from this agent's phone

A beep for an agent: Originate Local/<agent>@tone/n into tone-play,s,1. A join makes one by itself (measured: heard by
the agent 0.15 s after the join, mixed with the customer's voice; by the customer not at all).
"""

from telephony.asterisk.configuration.values import ExchangeSettings

HOLD_ROUNDS = 20


def extensions_conf(settings: ExchangeSettings) -> str:
    """extensions.conf for one exchange."""
    parts = (
        _HEAD, _login(settings.login_extension), _AGENT, _customer(settings), _SCREEN, _room(settings), _AGENT_LOST,
        _SUPERVISOR, _TONE, _KEYS,
    )  # fmt: skip
    return "\n".join(parts)


_HEAD = """\
[general]
static = yes
writeprotect = yes
autofallthrough = yes
clearglobalvars = no

; Nothing may come in from a trunk.
[from-trunk]
"""


def _login(extension: str) -> str:
    return f"""\
; An agent's phone reaches the log-in and nothing else: a stolen password buys no calls. It hangs up as soon as the PIN
; is in: a phone with one line must be free to be rung.
[from-agent]
exten => {extension},1,Answer()
 same => n,Set(AG=${{FILTER(0-9,${{CHANNEL(endpoint)}})}})
 same => n,Read(PIN,agent-pass,8,,1,8)
 same => n,UserEvent(Dialer,Stage: LoginRequest,Agent: ${{AG}},Pin: ${{FILTER(0-9,${{PIN}})}})
 same => n,Hangup()
"""


_AGENT = """\
; The nailed-up leg. AG and LEG are set by the dialer.
[agent]
exten => s,1,Set(LEG=${FILTER(a-z0-9\\-,${LEG})})
 same => n,GotoIf($["${AG}" != "${FILTER(0-9,${AG})}" | ${LEN(${AG})} != 4]?bad)
 same => n,Answer()
 same => n,GotoIf($[0${CONFBRIDGE_INFO(marked,ag${AG})} > 0]?taken)
 same => n,UserEvent(Dialer,Stage: AgentUp,Agent: ${AG},Leg: ${LEG})
 same => n,ConfBridge(ag${AG},room,agent)
 same => n(bad),Hangup()
 same => n(taken),UserEvent(Dialer,Stage: AgentRefused,Agent: ${AG},Leg: ${LEG})
 same => n,Hangup()
"""


def _customer(settings: ExchangeSettings) -> str:
    return f"""\
; An answered customer waits here for his agent, until the message must start.
[cust]
exten => s,1,Set(UPMS=${{IF($["${{UPMS}}" = ""]?${{STRFTIME(,,%s%3q)}}:${{UPMS}})}})
 same => n,Set(CALL=${{FILTER(a-z0-9\\-,${{CALL}})}})
 same => n,GotoIf($["${{CALL}}" = ""]?bad)
 same => n,Set(SAFEMS=${{FILTER(0-9,${{SAFEMS}})}})
 same => n,Set(SAFEMS=${{IF($["${{SAFEMS}}" = ""]?{settings.safe_harbour_ms}:${{SAFEMS:0:5}})}})
 same => n,Set(MSG=${{FILTER(a-z0-9\\-,${{MSG}})}})
 same => n,Set(MSG=${{IF($["${{MSG}}" = ""]?safe-harbour:${{MSG}})}})
{_talk_limit(settings)} same => n,GotoIf($["${{DETECT}}" = "1" & "${{VERDICT}}" = ""]?screen,s,1)
 same => n,Set(LEFT=$[${{SAFEMS}} - (${{STRFTIME(,,%s%3q)}} - ${{UPMS}})])
 same => n,GotoIf($[${{LEFT}} <= 0]?safe,s,1)
 same => n,Wait($[${{LEFT}} / 1000])
 same => n,Goto(safe,s,1)
 same => n(bad),Hangup()

; Nobody was free: the message, with a key to be left alone for good.
[safe]
exten => s,1,GotoIf($["${{SAFED}}" = "1"]?again)
 same => n,Set(SAFED=1)
 same => n,UserEvent(Dialer,Stage: Safe,Call: ${{CALL}})
 same => n(again),Read(OPT,${{MSG}},1,,1,3)
 same => n,UserEvent(Dialer,Stage: SafeDone,Call: ${{CALL}},Opt: ${{FILTER(0-9,${{OPT}})}})
 same => n,Hangup()
"""


# INITIALSILENCE is AMD's word for somebody who says nothing: a person waiting for us to speak does that too.
_SCREEN = """\
; Person or machine? VERDICT is set before it is told, so that a dialer that lost its link finds it on the channel; from
; here on the time until the message counts anew. Without AMD nobody is taken for a machine.
[screen]
exten => s,1,GotoIf($[0${IFMODULE(app_amd.so)} < 1]?told)
 same => n,AMD()
 same => n,GotoIf($["${AMDSTATUS}" = "HANGUP"]?gone)
 same => n,GotoIf($["${AMDSTATUS}" = "HUMAN"]?human)
 same => n,GotoIf($["${AMDSTATUS}" != "MACHINE" | "${AMDCAUSE:0:14}" = "INITIALSILENCE"]?told)
 same => n,Set(VERDICT=MACHINE)
 same => n,Goto(told)
 same => n(human),Set(VERDICT=HUMAN)
 same => n(told),Set(VERDICT=${IF($["${VERDICT}" = ""]?UNKNOWN:${VERDICT})})
 same => n,Set(UPMS=${STRFTIME(,,%s%3q)})
 same => n,Set(WORDS=${FILTER(A-Z0-9\\-,${AMDSTATUS}-${AMDCAUSE})})
 same => n,UserEvent(Dialer,Stage: Screened,Call: ${CALL},Verdict: ${VERDICT},Words: ${WORDS})
 same => n,GotoIf($["${VERDICT}" != "MACHINE"]?cust,s,1)
 same => n(gone),Hangup()
"""


def _talk_limit(settings: ExchangeSettings) -> str:
    """In [cust] and in [room], because a Redirect may come before [cust] got that far."""
    return f"""\
 same => n,Set(TALKS=${{FILTER(0-9,${{TALKS}})}})
 same => n,Set(TALKS=${{IF($["${{TALKS}}" = ""]?{settings.talk_limit_s}:${{TALKS:0:5}})}})
 same => n,Set(TIMEOUT(absolute)=${{TALKS}})
"""


def _room(settings: ExchangeSettings) -> str:
    beep = " same => n,Originate(Local/${EXTEN}@tone/n,exten,tone-play,s,1,2,a)\n" if settings.join_beep else ""
    return f"""\
; Redirect target for customers; the extension is the agent's number. Never two customers in one room,
; never a customer alone in one.
[room]
exten => _XXXX,1,Set(GROUP(room)=ag${{EXTEN}})
 same => n,Set(CALL=${{FILTER(a-z0-9\\-,${{CALL}})}})
 same => n,GotoIf($[${{GROUP_COUNT(ag${{EXTEN}}@room)}} > 1]?busy)
 same => n,GotoIf($[0${{CONFBRIDGE_INFO(marked,ag${{EXTEN}})}} < 1]?empty)
 same => n,Set(SERVED=1)
{_talk_limit(settings)} same => n,UserEvent(Dialer,Stage: Joined,Call: ${{CALL}},Agent: ${{EXTEN}})
{beep} same => n,GotoIf($["${{REC}}" != "1"]?enter)
 same => n,MixMonitor(${{CALL}}.wav,br(${{CALL}}-rx.wav)t(${{CALL}}-tx.wav))
 same => n(enter),ConfBridge(ag${{EXTEN}},room,cust)
 same => n,Goto(agent-lost,${{EXTEN}},1)
 same => n(busy),Set(WHY=busy)
 same => n,Goto(refused)
 same => n(empty),Set(WHY=empty)
 same => n(refused),Set(GROUP(room)=none)
 same => n,UserEvent(Dialer,Stage: JoinRefused,Call: ${{CALL}},Agent: ${{EXTEN}},Reason: ${{WHY}})
 same => n,GotoIf($["${{SERVED}}" = "1"]?hold,s,1)
 same => n,Goto(cust,s,1)
"""


_AGENT_LOST = f"""\
; Somebody already served never hears the abandonment message: he is held for the next agent.
[agent-lost]
exten => _XXXX,1,Set(GROUP(room)=none)
 same => n,UserEvent(Dialer,Stage: AgentLost,Call: ${{CALL}},Agent: ${{EXTEN}})
 same => n,Goto(hold,s,1)

[hold]
exten => s,1,Set(GROUP(room)=none)
 same => n,Set(ROUND=0)
 same => n(again),Playback(holding)
 same => n,Wait(4)
 same => n,Set(ROUND=$[${{ROUND}} + 1])
 same => n,GotoIf($[${{ROUND}} < {HOLD_ROUNDS}]?again)
 same => n,UserEvent(Dialer,Stage: HoldOver,Call: ${{CALL}})
 same => n,Playback(goodbye)
 same => n,Hangup()
"""

_SUPERVISOR = """\
; A supervisor's leg; the extension is the agent's number, MODE is listen, barge or whisper.
[sup]
exten => _XXXX,1,Answer()
 same => n,GotoIf($["${MODE}" = "whisper"]?whisper)
 same => n,ConfBridge(ag${EXTEN},room,${IF($["${MODE}" = "barge"]?agent2:silent)})
 same => n,Hangup()
 same => n(whisper),ChanSpy(PJSIP/${EXTEN}-,qwsE)
 same => n,Hangup()

; An agent's nailed leg visits another agent's room; the extension is the other agent.
[visit]
exten => _XXXX,1,ConfBridge(ag${EXTEN},room,agent2)
 same => n,Goto(agent,s,1)
"""

_TONE = """\
; A beep for one agent's ear: whispered onto his own leg, so it is mixed into what he hears (the customer's first word
; is not lost) and reaches nobody else. ChanSpy looks for its channel after 0.1 s, hence the wait before the sound; `i`
; spares another half second of waiting for sound.
[tone]
exten => _XXXX,1,Answer(,i)
 same => n,ChanSpy(PJSIP/${EXTEN}-,qwsE)
 same => n,Hangup()

[tone-play]
exten => s,1,Wait(0.14)
 same => n,Playback(join-beep)
 same => n,Wait(0.06)
 same => n,Hangup()
"""

_KEYS = """\
; Keys for the far end of a customer's call: an extension behind a switchboard. The tones are put on his channel from
; here, so that he and his agent hear each other meanwhile. SendDTMF says nothing when that channel is gone.
[keys]
exten => s,1,Answer(,i)
 same => n,Set(CALL=${FILTER(a-z0-9\\-,${CALL})})
 same => n,Set(KEYS=${FILTER(0-9*#,${KEYS})})
 same => n,Set(KEYWAIT=${FILTER(0-9,${KEYWAIT})})
 same => n,GotoIf($["${CALL}" = "" | "${KEYS}" = ""]?bad)
 same => n,Wait($[0${KEYWAIT:0:5} / 1000])
 same => n,SendDTMF(${KEYS},150,120,${CALL})
 same => n,UserEvent(Dialer,Stage: KeysSent,Call: ${CALL},Keys: ${KEYS})
 same => n(bad),Hangup()
"""
