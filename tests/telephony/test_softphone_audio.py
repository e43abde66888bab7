"""The softphone's audio: tones told apart, packets on time, keys pressed, nothing kept for ever."""

from __future__ import annotations

import random
import socket
import struct
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from telephony.softphone.ear import GRID_HZ, REMEMBERED_FRAMES, Ear
from telephony.softphone.media import Media, open_rtp_socket
from telephony.softphone.pcmu import FRAME_SAMPLES, LINEAR, SILENCE, code_of, tone
from tests.telephony.bare_asterisk import until

KEYS_TYPE = 96


def first_frame(sound: bytes) -> bytes:
    return sound[:FRAME_SAMPLES]


def mixed(*sounds: bytes) -> bytes:
    frames = zip(*(first_frame(sound) for sound in sounds), strict=True)
    return bytes(code_of(sum(LINEAR[code] for code in codes)) for codes in frames)


def ear_with(*frames: bytes, at_s: float = 0.0) -> Ear:
    ear = Ear(lambda: at_s)
    for number, frame in enumerate(frames):
        ear.hear(frame, at_s - 0.02 * (len(frames) - 1 - number))
    return ear


def test_coding_follows_g711() -> None:
    # From ITU-T G.711, table 2a and 2b: decision values and codes at the ends and around zero.
    assert [LINEAR[code] for code in (0x00, 0x80, 0x7F, 0xFF, 0x8F)] == [-32124, 32124, 0, 0, 16764]
    assert [code_of(value) for value in (0, 32767, -32768)] == [0xFF, 0x80, 0x00]
    assert all(code_of(LINEAR[code]) == code for code in range(256) if code != 0x7F)


def test_coding_a_sample_costs_at_most_half_a_step() -> None:
    for value in range(-32124, 32125, 11):
        step = max(8, abs(value) // 16)
        assert abs(LINEAR[code_of(value)] - value) <= step


@pytest.mark.parametrize("hz", [100, 4000, 0, -1])
def test_a_tone_that_no_telephone_carries_is_refused(hz: int) -> None:
    with pytest.raises(ValueError, match="no telephone tone"):
        tone(hz)


@pytest.mark.parametrize("hz", GRID_HZ)
def test_each_tone_of_the_grid_is_heard_as_itself_only(hz: int) -> None:
    frame = first_frame(tone(hz))
    assert ear_with(frame, frame).tones() == (hz,)


def test_two_parties_at_once_are_both_heard() -> None:
    frame = mixed(tone(700), tone(1100))
    assert ear_with(frame, frame).tones() == (700, 1100)


def test_silence_and_noise_are_no_tone() -> None:
    dice = random.Random(7)
    noise = bytes(dice.randrange(256) for _ in range(FRAME_SAMPLES))
    assert ear_with(SILENCE, SILENCE).tones() == ()
    assert ear_with(noise, noise).tones() == ()
    quiet = first_frame(tone(700, 0.002))
    assert ear_with(quiet, quiet).tones() == ()


def test_a_tone_that_has_stopped_is_not_heard_any_more() -> None:
    frame = first_frame(tone(700))
    assert ear_with(frame, SILENCE).tones() == ()
    ear = Ear(lambda: 10.0)
    ear.hear(frame, 9.5)
    ear.hear(frame, 9.52)
    assert ear.tones() == ()


def test_the_first_hearing_is_the_arrival_of_the_first_frame_with_the_tone() -> None:
    ear = Ear()
    for at_s, frame in ((1.0, SILENCE), (1.02, first_frame(tone(500))), (1.04, first_frame(tone(700)))):
        ear.hear(frame, at_s)
    ear.hear(first_frame(tone(700)), 1.06)
    assert ear.first_heard_at_s(700) == 1.04
    assert ear.first_heard_at_s(700, since_s=1.05) == 1.06
    assert ear.last_heard_at_s(500) == 1.02
    assert ear.first_heard_at_s(900) is None
    assert round(ear.longest_gap_s(), 3) == 0.02


def test_a_long_call_is_not_kept_for_ever() -> None:
    ear = Ear()
    for number in range(REMEMBERED_FRAMES + 10):
        ear.hear(SILENCE, number * 0.02)
    assert ear.frames == REMEMBERED_FRAMES + 10
    assert len(ear._frames) == REMEMBERED_FRAMES


class Peer:
    """The far end of a Media: a bare socket."""

    def __init__(self) -> None:
        self.plug = open_rtp_socket("127.0.0.1")
        self.plug.settimeout(2.0)
        self.keys: list[str] = []
        ours = open_rtp_socket("127.0.0.1")
        self.there = ours.getsockname()
        self.media = Media(ours, self.plug.getsockname(), KEYS_TYPE, self.keys.append)

    def hear(self, count: int) -> list[tuple[float, int, bool, int, int, bytes]]:
        """(time, type, marker, sequence, timestamp, payload) of the next packets."""
        heard = []
        for _ in range(count):
            packet = self.plug.recv(2048)
            _, second, sequence, timestamp, _ = struct.unpack_from("!BBHII", packet)
            heard.append((time.monotonic(), second & 0x7F, bool(second & 0x80), sequence, timestamp, packet[12:]))
        return heard

    def say(self, kind: int, payload: bytes, timestamp: int = 0, first: int = 0x80, extra: bytes = b"") -> None:
        self.plug.sendto(struct.pack("!BBHII", first, kind, 1, timestamp, 7) + extra + payload, self.there)


@pytest.fixture
def peer() -> Iterator[Peer]:
    made = Peer()
    yield made
    made.media.stop()
    made.plug.close()


def test_a_frame_is_sent_every_twenty_milliseconds_without_drift(peer: Peer) -> None:
    peer.media.start()
    heard = peer.hear(101)
    assert 1.97 < heard[-1][0] - heard[0][0] < 2.03
    assert [packet[3] for packet in heard] == [(heard[0][3] + number) & 0xFFFF for number in range(101)]
    assert {later[4] - earlier[4] for earlier, later in pairwise(heard)} == {160}
    assert {packet[5] for packet in heard} == {SILENCE}


def test_a_slow_machine_does_not_slow_the_clock_down(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    send = peer.media._send

    def send_slowly(*words: Any, **marks: Any) -> None:
        time.sleep(0.008)  # what a loaded machine takes
        send(*words, **marks)

    monkeypatch.setattr(peer.media, "_send", send_slowly)
    peer.media.start()
    heard = peer.hear(51)
    assert 0.95 < heard[-1][0] - heard[0][0] < 1.1  # 1.4 s when each frame waits for the one before


def test_audio_started_twice_is_sent_once(peer: Peer) -> None:
    peer.media.start()
    peer.media.start()
    heard = peer.hear(20)
    assert heard[-1][0] - heard[0][0] > 0.3


def test_numbers_wrap_without_a_broken_packet(peer: Peer) -> None:
    peer.media.outSequence, peer.media.outTimestamp = 0xFFFF, 0xFFFFFFFF - 100
    peer.media.start()
    heard = peer.hear(3)
    assert [packet[3] for packet in heard] == [0xFFFF, 0, 1]
    assert [packet[4] for packet in heard] == [0xFFFFFFFF - 100, 59, 219]
    assert {len(packet[5]) for packet in heard} == {FRAME_SAMPLES}


def test_a_sound_is_played_once_or_again_and_again(peer: Peer) -> None:
    peer.media.play(first_frame(tone(700)), again=False)
    peer.media.start()
    assert [packet[5] == SILENCE for packet in peer.hear(3)] == [False, True, True]
    peer.media.play(first_frame(tone(700)), again=True)
    peer.hear(1)
    assert [packet[5] == SILENCE for packet in peer.hear(3)] == [False, False, False]


def test_each_key_is_one_event_with_its_own_timestamp_and_three_ends(peer: Peer) -> None:
    peer.media.send_keys("1#")
    peer.media.start()
    heard = [packet for packet in peer.hear(40) if packet[1] == KEYS_TYPE]
    assert len({packet[4] for packet in heard}) == 2
    for code, timestamp in ((1, heard[0][4]), (11, heard[-1][4])):
        packets = [packet for packet in heard if packet[4] == timestamp]
        ended = [bool(packet[5][1] & 0x80) for packet in packets]
        lasting = [int.from_bytes(packet[5][2:4], "big") for packet in packets]
        assert [packet[2] for packet in packets] == [True] + [False] * (len(packets) - 1)
        assert {packet[5][0] for packet in packets} == {code}
        assert ended == [False] * 6 + [True] * 3
        assert lasting == sorted(lasting)
        assert lasting[-1] >= 80 * 8  # Asterisk's shortest key press is 80 ms
    assert not peer.media.keys_waiting


def test_a_key_of_the_far_end_is_told_once_whatever_packets_are_lost(peer: Peer) -> None:
    peer.media.start()
    for timestamp, code in ((1000, 5), (1000, 5), (1000, 5), (2000, 5), (3000, 10)):
        peer.say(KEYS_TYPE, struct.pack("!BBH", code, 10, 160), timestamp)
    until(lambda: len(peer.keys) == 3, "the keys arrive")
    assert peer.keys == ["5", "5", "*"]


def test_what_is_no_key_is_refused(peer: Peer) -> None:
    with pytest.raises(ValueError, match="no telephone keys"):
        peer.media.send_keys("12x")
    assert not peer.media.keys_waiting


def test_padding_extension_and_sources_are_not_taken_for_sound(peer: Peer) -> None:
    peer.media.start()
    sound = first_frame(tone(700))
    peer.say(0, sound + b"\x00\x00\x03", first=0xB1, extra=b"SRC1" + b"\xbe\xde\x00\x01EXTN")
    until(lambda: peer.media.ear.frames, "the frame arrives")
    assert peer.media.ear._frames[-1][1] == sound


def test_noise_on_the_audio_port_is_ignored(peer: Peer) -> None:
    peer.media.start()
    dice = random.Random(3)
    for length in (0, 1, 11, 12, 13, 40):
        for first in (0x00, 0x80, 0xBF, 0xFF):
            peer.plug.sendto(bytes([first] * min(1, length)) + dice.randbytes(max(0, length - 1)), peer.there)
    peer.say(0, first_frame(tone(900)), first=0x00)  # version 0 is no RTP
    peer.say(0, first_frame(tone(700)))
    until(lambda: peer.media.ear.last_heard_at_s(700), "the sound after the noise is heard")
    assert peer.media.ear.last_heard_at_s(900) is None


def test_a_far_end_that_closed_its_port_stops_nothing(peer: Peer) -> None:
    peer.media.start()
    peer.hear(2)
    peer.plug.close()
    sent = peer.media.sent_frames
    until(lambda: peer.media.sent_frames > sent + 10, "sending goes on")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.sendto(struct.pack("!BBHII", 0x80, 0, 1, 1, 7) + first_frame(tone(700)), peer.there)
        until(lambda: peer.media.ear.frames, "receiving goes on")


def test_a_port_is_taken_from_the_given_range_and_none_free_is_said() -> None:
    base = open_rtp_socket("127.0.0.1")
    port = int(base.getsockname()[1])
    with pytest.raises(OSError, match="no free port"):
        open_rtp_socket("127.0.0.1", range(port, port + 1))
    base.close()
    again = open_rtp_socket("127.0.0.1", range(port, port + 1))
    assert again.getsockname()[1] == port
    again.close()
