"""A small private Asterisk for the tests of the manager link and of the softphone: no trunks, no dialer's dialplan."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from telephony.asterisk.provisioning import AsteriskInstall, find_or_unpack
from tests.patience import Patience

USER = "tester"
SECRET = "manager-secret-of-the-test"
PHONE_SECRET = "phone-secret-of-the-test"
PHONES = tuple(str(number) for number in range(2001, 2021))

_MODULES = """
app_confbridge app_dial app_echo app_milliwatt app_originate app_playback app_playtones app_read app_senddtmf
app_stack app_system app_userevent app_verbose app_waitfornoise bridge_builtin_features bridge_simple
bridge_softmix bridge_native_rtp chan_pjsip codec_ulaw codec_alaw format_pcm format_wav func_callerid func_channel
func_logic func_strings func_timeout func_global pbx_config res_format_attr_h264 res_musiconhold res_pjproject
res_pjsip res_pjsip_acl res_pjsip_authenticator_digest res_pjsip_caller_id res_pjsip_dtmf_info
res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user res_pjsip_header_funcs
res_pjsip_outbound_authenticator_digest res_pjsip_registrar res_pjsip_rfc3326 res_pjsip_sdp_rtp res_pjsip_session
res_pjsip_pubsub
res_geolocation res_rtp_asterisk res_sorcery_astdb res_sorcery_config res_sorcery_memory
res_sorcery_realtime res_timing_timerfd
"""

_DIALPLAN = """
[general]
static=yes
writeprotect=yes
[phones]
exten => milliwatt,1,Answer()
 same => n,Milliwatt()
exten => echo,1,Answer()
 same => n,Echo()
exten => quiet,1,Answer()
 same => n,Wait(120)
exten => keys,1,Answer()
 same => n,Read(KEYS,,4,,1,10)
 same => n,UserEvent(Keys,Keys: ${KEYS})
 same => n,Wait(60)
exten => pin,1,Answer()
 same => n,SendDTMF(1234*#)
 same => n,Wait(10)
exten => room,1,Answer()
 same => n,ConfBridge(one)
exten => busy,1,Hangup(17)
exten => refused,1,Hangup(21)
exten => rings,1,Ringing()
 same => n,Wait(60)
[tone]
; each extension answers with a tone of that many hertz
exten => _X.,1,Answer()
 same => n,Playtones(${EXTEN})
 same => n,Wait(120)
"""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM, host: str = "127.0.0.1") -> int:
    """A port that was free a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def until(what: Callable[[], object], why: str, limit_s: float = 10.0) -> None:
    """Waits for a condition, not for time."""
    patience = Patience(limit_s)
    while not what():
        assert not patience.gone, f"waited {limit_s} s in vain: {why}"
        time.sleep(0.005)


class BareAsterisk:
    """A foreground child with private folders. `start` and `kill` may be repeated."""

    def __init__(self, folder: Path, host: str = "127.0.0.1", rtp_from: int = 21000, pem: str = "") -> None:
        self.install: AsteriskInstall = find_or_unpack()
        self.folder = folder
        self.host = host
        self.manager_port = free_port(host=host)
        self.sip_port = free_port(socket.SOCK_DGRAM, host)
        self.process: subprocess.Popen[bytes] | None = None
        self._rtp_from = rtp_from
        self.tls_port = free_port(host=host)
        self._pem = pem
        self._write_configuration()

    def start(self) -> None:
        """Returns when it is fully booted."""
        with (self.folder / "console.log").open("ab") as log:
            command = [*self.install.program, "-f", "-C", str(self.folder / "etc/asterisk.conf")]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._is_booted, f"Asterisk does not start, see {self.folder}/console.log")

    def kill(self, signal_number: int = 9) -> None:
        """Sends a signal to our own child; after 9 or 15 it is waited for."""
        assert self.process is not None
        self.process.send_signal(signal_number)
        if signal_number in (9, 15):
            self.process.wait(10)

    def stop(self) -> None:
        """Ends it, whatever state it is in."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def _is_booted(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"Asterisk ended, see {self.folder}/console.log"
        try:
            with socket.create_connection((self.host, self.manager_port), 1.0) as link:
                link.sendall(f"Action: Login\r\nUsername: {USER}\r\nSecret: {SECRET}\r\n\r\n".encode())
                return self._says_booted(link)
        except OSError:
            return False

    @staticmethod
    def _says_booted(link: socket.socket) -> bool:
        heard = b""
        while b"FullyBooted" not in heard:
            some = link.recv(4096)
            if not some:
                return False
            heard += some
        return True

    def _write_configuration(self) -> None:
        etc = self.folder / "etc"
        for name in ("etc", "lib", "run", "log", "spool", "db", "keys"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        data = self.folder / "lib"
        documentation = self.install.data_dir / "documentation"
        if documentation.exists() and not (data / "documentation").exists():
            (data / "documentation").symlink_to(documentation)
        for name, text in self._files(data).items():
            (etc / name).write_text(text)

    def _files(self, data: Path) -> dict[str, str]:
        modules = "".join(f"load={name}.so\n" for name in self._present_modules())
        empty = dict.fromkeys(("cel.conf", "features.conf", "udptl.conf", "pjproject.conf", "cdr.conf"), "[general]\n")
        return empty | {
            "asterisk.conf": f"""[directories](!)
astetcdir => {self.folder}/etc
astmoddir => {self.install.modules_dir}
astvarlibdir => {data}
astdbdir => {self.folder}/db
astkeydir => {self.folder}/keys
astdatadir => {data}
astagidir => {data}
astspooldir => {self.folder}/spool
astrundir => {self.folder}/run
astlogdir => {self.folder}/log
astsbindir => {self.folder}/run
[options]
nocolor=yes
hideconnect=yes
""".replace("(!)", ""),
            "modules.conf": f"[modules]\nautoload=no\n{modules}",
            "logger.conf": "[general]\n[logfiles]\nmessages => notice,warning,error\n",
            "manager.conf": f"""[general]
enabled=yes
bindaddr={self.host}
port={self.manager_port}
displayconnects=no
{self._tls()}[{USER}]
secret={SECRET}
read=system,call,user,dtmf,reporting
write=originate,call,reporting,system
writetimeout=1000
""",
            "rtp.conf": f"[general]\nrtpstart={self._rtp_from}\nrtpend={self._rtp_from + 600}\n",
            "confbridge.conf": "[general]\n[default_bridge]\ntype=bridge\n[default_user]\ntype=user\nquiet=yes\n",
            "musiconhold.conf": "[general]\n",
            "extensions.conf": _DIALPLAN,
            "manager.pem": self._pem,
            "pjsip.conf": self._pjsip(),
        }

    def _tls(self) -> str:
        if not self._pem:
            return ""
        certificate = self.folder / "etc" / "manager.pem"
        return f"tlsenable=yes\ntlsbindaddr={self.host}:{self.tls_port}\ntlscertfile={certificate}\n"

    def _present_modules(self) -> list[str]:
        return [name for name in _MODULES.split() if (self.install.modules_dir / f"{name}.so").exists()]

    def _pjsip(self) -> str:
        head = f"[udp]\ntype=transport\nprotocol=udp\nbind={self.host}:{self.sip_port}\n"
        return head + "".join(_phone(name) for name in PHONES)


def _phone(name: str) -> str:
    return f"""[{name}]
type=endpoint
context=phones
disallow=all
allow=ulaw
auth={name}
aors={name}
direct_media=no
dtmf_mode=rfc4733
rtp_timeout=30
bind_rtp_to_media_address=yes
[{name}]
type=auth
auth_type=digest
username={name}
password={PHONE_SECRET}
[{name}]
type=aor
max_contacts=1
remove_existing=yes
qualify_frequency=2
qualify_timeout=1.5
"""


def remove(folder: Path) -> None:
    """Removes the folder of a stopped Asterisk."""
    shutil.rmtree(folder, ignore_errors=True)
