"""Which configuration files make an Asterisk the dialer's exchange? Pure functions from frozen values to texts."""

from collections.abc import Mapping

from telephony.asterisk.configuration.conferences import confbridge_conf
from telephony.asterisk.configuration.dialplan import extensions_conf
from telephony.asterisk.configuration.manager_users import manager_conf
from telephony.asterisk.configuration.sip import pjsip_conf
from telephony.asterisk.configuration.system import (
    DIALER_MODULES,
    amd_conf,
    asterisk_conf,
    cdr_conf,
    empty_files,
    logger_conf,
    modules_conf,
    rtp_conf,
)
from telephony.asterisk.configuration.values import (
    AgentPhone,
    ConfigurationError,
    ExchangeSettings,
    Folders,
    ManagerSecrets,
    Trunk,
    new_secret,
)

__all__ = [
    "AgentPhone", "ConfigurationError", "ExchangeSettings", "Folders", "ManagerSecrets", "Trunk", "new_secret",
    "render",
]  # fmt: skip


def render(settings: ExchangeSettings) -> Mapping[str, str]:
    """File name to text, for `settings.folders.etc`. The same settings give the same texts."""
    return {
        **empty_files(),
        "asterisk.conf": asterisk_conf(
            settings.folders, max_calls=settings.max_calls, custom_sounds=settings.custom_sounds
        ),
        "modules.conf": modules_conf(DIALER_MODULES),
        "logger.conf": logger_conf(),
        "cdr.conf": cdr_conf(),
        "amd.conf": amd_conf(),
        "rtp.conf": rtp_conf(settings.rtp_first, settings.rtp_last),
        "manager.conf": manager_conf(
            host=settings.manager_host, port=settings.manager_port, secrets=settings.manager_secrets
        ),
        "pjsip.conf": pjsip_conf(settings),
        "confbridge.conf": confbridge_conf(),
        "extensions.conf": extensions_conf(settings),
    }
