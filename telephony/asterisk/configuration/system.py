"""Which files tell Asterisk where it lives, what it loads, and what it logs?"""

from collections.abc import Iterable, Mapping

from telephony.asterisk.configuration.values import Folders

# pbx_config reads the dialplan; everything else is a codec, a bridge, SIP, or an application it names.
SIP_MODULES = (
    "res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb", "res_pjproject", "res_pjsip",
    "res_pjsip_session", "res_pjsip_sdp_rtp", "res_pjsip_caller_id", "res_pjsip_rfc3326", "res_pjsip_nat",
    "res_pjsip_endpoint_identifier_ip", "res_pjsip_endpoint_identifier_user", "res_pjsip_authenticator_digest",
    "res_pjsip_outbound_authenticator_digest", "res_pjsip_registrar", "res_pjsip_dtmf_info",
    "res_pjsip_header_funcs", "res_pjsip_acl", "res_pjsip_pubsub", "chan_pjsip", "res_rtp_asterisk",
    "res_timing_timerfd",
)  # fmt: skip
MEDIA_MODULES = ("codec_ulaw", "codec_alaw", "format_wav", "format_pcm", "format_sln",
                 "bridge_simple", "bridge_softmix", "bridge_builtin_features")  # fmt: skip
PLAN_MODULES = ("pbx_config", "func_strings", "func_logic", "func_timeout", "func_channel", "func_groupcount",
                "app_playback", "app_userevent")  # fmt: skip
DIALER_MODULES = (
    *SIP_MODULES, *MEDIA_MODULES, *PLAN_MODULES,
    "app_confbridge", "app_read", "app_originate", "app_chanspy",
    "func_cut", "func_uri", "func_periodic_hook", "app_mixmonitor",
    "res_manager_devicestate", "app_amd", "func_module", "app_senddtmf",
)  # fmt: skip

# Read by modules that are loaded or by the core; an absent file is an error in the log, an empty one is not.
EMPTY_FILES = ("cel.conf", "features.conf", "udptl.conf", "pjproject.conf", "acl.conf", "ccss.conf",
               "codecs.conf", "dnsmgr.conf", "stasis.conf", "sorcery.conf", "http.conf",
               "extconfig.conf", "pjsip_notify.conf", "cli.conf", "cli_permissions.conf", "hep.conf")  # fmt: skip

AMD_MEASURES = {
    "total_analysis_time": 5000, "silence_threshold": 256, "initial_silence": 2500, "after_greeting_silence": 800,
    "greeting": 1500, "min_word_length": 100, "maximum_word_length": 5000, "between_words_silence": 50,
    "maximum_number_of_words": 2,
}  # fmt: skip

TONES = """\
[general]
country = us
[us]
description = United States
ringcadence = 2000,4000
dial = 350+440
busy = 480+620/500,0/500
ring = 440+480/2000,0/4000
congestion = 480+620/250,0/250
"""


def asterisk_conf(folders: Folders, *, max_calls: int, custom_sounds: bool = False) -> str:
    """asterisk.conf: private directories, no dangerous functions from outside, a fuse on the number of calls."""
    places = {
        "astetcdir": folders.etc, "astmoddir": folders.modules, "astvarlibdir": folders.root / "lib",
        "astdbdir": folders.root / "lib", "astkeydir": folders.root / "lib", "astdatadir": folders.data,
        "astagidir": folders.root / "lib", "astspooldir": folders.root / "spool", "astrundir": folders.run,
        "astlogdir": folders.log, "astsbindir": folders.root / "lib", "astcachedir": folders.root / "cache",
    }  # fmt: skip
    options = {
        "live_dangerously": "no", "hideconnect": "yes", "nocolor": "yes", "maxcalls": max_calls,
        "maxfiles": 65536, "verbose": 0, "debug": 0, "documentation_language": "en_US", "defaultlanguage": "en",
        "stdexten": "gosub", "sounds_search_custom_dir": "yes" if custom_sounds else "no",
    }  # fmt: skip
    return _section("directories", places.items(), arrow="=>") + _section("options", options.items())


def modules_conf(names: Iterable[str]) -> str:
    """modules.conf: nothing loads but what is named."""
    loads = "".join(f"load = {name}.so\n" for name in dict.fromkeys(names))
    return f"[modules]\nautoload = no\n{loads}"


def logger_conf() -> str:
    """logger.conf: what went wrong goes to one file; no queue log, no verbose talk of calls."""
    return (
        "[general]\ndateformat = %FT%T.%3q%z\nqueue_log = no\nrotatestrategy = rotate\n"
        "[logfiles]\nmessages.log => notice,warning,error\n"
    )


def rtp_conf(first: int, last: int) -> str:
    """rtp.conf: the port range, no ICE towards anybody."""
    return _section("general", {"rtpstart": first, "rtpend": last, "icesupport": "no", "strictrtp": "yes"}.items())


def cdr_conf() -> str:
    """cdr.conf: off; the dialer keeps its own record of every attempt."""
    return _section("general", {"enable": "no"}.items())


def amd_conf() -> str:
    """amd.conf: Asterisk's own measures, written out so that a distribution's file cannot change them.

    Measured (docs/decisions): a person is told from a machine 1.6 to 2.6 s after the answer, nobody later than 5 s.
    """
    return _section("general", AMD_MEASURES.items())


def empty_files() -> Mapping[str, str]:
    """Files that only have to exist, and the tones of a country without which Asterisk complains."""
    return {**dict.fromkeys(EMPTY_FILES, "; nothing is set here on purpose\n"), "indications.conf": TONES}


def _section(name: str, pairs: Iterable[tuple[str, object]], arrow: str = "=") -> str:
    return f"[{name}]\n" + "".join(f"{key} {arrow} {value}\n" for key, value in pairs)
