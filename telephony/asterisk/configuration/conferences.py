"""How do agent, customer and supervisor hear each other in an agent's room? Renders confbridge.conf."""


def confbridge_conf() -> str:
    """confbridge.conf: the agent is marked, a customer leaves with him, nobody is announced.

    The agent's beep is not one of ConfBridge's sounds, because those reach the whole room: see [tone] in the dialplan.
    """
    return """\
[general]
[room]
type = bridge
mixing_interval = 20
internal_sample_rate = 8000
video_mode = none
[agent]
type = user
marked = yes
quiet = yes
announce_user_count = no
music_on_hold_when_empty = no
[agent2]
type = user
quiet = yes
marked = no
[silent]
type = user
quiet = yes
startmuted = yes
[cust]
type = user
quiet = yes
end_marked = yes
"""
