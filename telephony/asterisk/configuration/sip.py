"""Which SIP accounts and trunks does the dialer's Asterisk have? Renders pjsip.conf."""

from telephony.asterisk.configuration.values import AgentPhone, ExchangeSettings, Trunk


def pjsip_conf(settings: ExchangeSettings) -> str:
    """pjsip.conf: one UDP transport, the trunks by address, the agents by digest."""
    transport = (
        "[global]\ntype = global\nuser_agent = campaign-dialer\nendpoint_identifier_order = ip,username\n"
        "keep_alive_interval = 0\n"
        "[system]\ntype = system\ntimer_t1 = 500\ntimer_b = 32000\n"
        f"[transport-udp]\ntype = transport\nprotocol = udp\nbind = {settings.sip_host}:{settings.sip_port}\n"
    )
    trunks = "".join(_trunk(trunk, settings.sip_host) for trunk in settings.trunks)
    agents = "".join(_agent(agent, settings) for agent in settings.agents)
    return transport + trunks + agents


def _trunk(trunk: Trunk, own_host: str) -> str:
    name, address = trunk.name, f"{trunk.host}:{trunk.port}"
    account = f"outbound_auth = {name}-account\n" if trunk.username else ""
    caller = f"callerid = <{trunk.caller_id}>\n" if trunk.caller_id else ""
    # The practice exchange redirects the numbers that Asterisk cannot play; a real carrier may redirect nothing.
    redirect = "redirect_method = uri_pjsip\n" if trunk.practice else "redirect_method = user\n"
    return (
        f"[{name}]\ntype = endpoint\ntransport = transport-udp\ncontext = from-trunk\naors = {name}\n"
        f"disallow = all\nallow = {','.join(trunk.codecs)}\ndirect_media = no\nrtp_timeout = {trunk.rtp_timeout_s}\n"
        f"rtp_timeout_hold = {trunk.rtp_timeout_s}\ntimers = always\ntimers_sess_expires = 90\n"
        f"media_address = {own_host}\nbind_rtp_to_media_address = yes\nidentify_by = ip\n"
        f"allow_transfer = no\nallow_subscribe = no\ndtmf_mode = rfc4733\nsend_pai = no\n"
        f"{account}{caller}{redirect}"
        f"[{name}]\ntype = aor\ncontact = sip:{address}\nqualify_frequency = {trunk.qualify_s}\nqualify_timeout = 2\n"
        f"[{name}]\ntype = identify\nendpoint = {name}\nmatch = {trunk.host}\n"
        f"{_account(trunk)}"
    )


# `userpass` is the older name of `digest`; every Asterisk from 22.1 on takes it.
def _account(trunk: Trunk) -> str:
    if not trunk.username:
        return ""
    return (
        f"[{trunk.name}-account]\ntype = auth\nauth_type = userpass\n"
        f"username = {trunk.username}\npassword = {trunk.password or ''}\n"
    )


def _agent(agent: AgentPhone, settings: ExchangeSettings) -> str:
    number, own_host = agent.number, settings.sip_host
    return (
        f"[{number}]\ntype = endpoint\ntransport = transport-udp\ncontext = from-agent\naors = {number}\n"
        f"auth = {number}\ndisallow = all\nallow = ulaw,alaw\ndirect_media = no\n"
        f"rtp_timeout = {settings.agent_rtp_timeout_s}\nmedia_address = {own_host}\n"
        f"bind_rtp_to_media_address = yes\nidentify_by = username\nallow_transfer = no\nallow_subscribe = no\n"
        f"dtmf_mode = auto\ncallerid = {number} <{number}>\nrewrite_contact = yes\nrtp_symmetric = yes\n"
        f"force_rport = yes\n"
        f"[{number}]\ntype = auth\nauth_type = userpass\nusername = {number}\npassword = {agent.secret}\n"
        f"[{number}]\ntype = aor\nmax_contacts = 1\nremove_existing = yes\nqualify_frequency = 30\n"
        f"qualify_timeout = 3\nminimum_expiration = 20\n"
    )
