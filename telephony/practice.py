"""How does each practice number behave when it is called?

One table drives the simulator, the practice exchange's dialplan and the tests: the last two digits of the number
decide the kind, the whole number decides the times. Only numbers reserved for fiction are practice numbers: NANP
555-0100 to 555-0199 in any area code (ATIS) and Ofcom's numbers for drama.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

# Area codes of the United States that libphonenumber takes 555-01XX for; they span all its time zones.
AREA_CODES = tuple(
    """
201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 220 223 224 225 227 228 229 231 234 235 239 240
248 251 252 253 254 256 260 262 267 269 270 272 274 276 279 281 283 301 302 303 304 305 307 308 309 310 312 313 314
315 316 317 318 319 320 321 323 324 325 326 327 329 330 331 332 334 336 337 339 341 346 347 350 351 352 353 360 361
363 364 369 380 385 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 424 425 430 432 434 435 440
442 443 445 447 448 458 463 464 469 470 472 475 478 479 480 484 501 502 503 504 505 507 508 509 510 512 513 515 516
517 518 520 530 531 534 539 540 541 551 557 559 561 562 563 564 567 570 571 572 573 574 575 580 582 585 586 601 602
603 605 606 607 608 609 610 612 614 615 616 617 618 619 620 623 626 628 629 630 631 636 640 641 645 646 650 651 656
657 659 660 661 662 667 669 678 680 681 682 686 689 701 702 703 704 706 707 708 712 713 714 715 716 717 718 719 720
724 725 726 727 728 730 731 732 734 737 738 740 743 747 748 754 757 760 762 763 765 769 770 771 772 773 774 775 779
781 785 786 801 802 803 804 805 806 808 810 812 813 814 815 816 817 818 820 821 826 828 830 831 832 835 838 839 840
843 845 847 848 850 854 856 857 858 859 860 862 863 864 865 870 872 878 901 903 904 906 907 908 909 910 912 913 914
915 916 917 918 919 920 925 928 929 930 931 934 936 937 938 940 941 943 945 947 948 949 951 952 954 956 959 970 971
972 973 975 978 979 980 983 984 985 986 989
""".split()  # noqa: SIM905  (300 quoted codes are no easier to read)
)

# As Asterisk patterns too: X any digit, N two to nine.
RESERVED = (
    "+1NXX55501XX",
    "+441134960XXX", "+441144960XXX", "+441154960XXX", "+441164960XXX", "+441174960XXX", "+441184960XXX",
    "+441214960XXX", "+441314960XXX", "+441414960XXX", "+441514960XXX", "+441614960XXX", "+441914980XXX",
    "+442079460XXX", "+442896496XXX", "+442920180XXX", "+441632960XXX", "+447700900XXX", "+448081570XXX",
    "+449098790XXX", "+443069990XXX",
)  # fmt: skip
_RESERVED = re.compile(
    "|".join("".join({"X": "[0-9]", "N": "[2-9]", "+": r"\+"}.get(sign, sign) for sign in plan) for plan in RESERVED)
)

SPEECH_RING_MS, SPEECH_RING_STEPS = 300, 18
SPEECH_TALK_MS, SPEECH_TALK_STEPS = 2000, 7
MACHINE_RECORDS_MS = 4000
SLOW_RING_MS, SLOW_RING_STEPS, SLOW_RING_STEP_MS = 4000, 17, 120  # those of one ending are alike modulo 5, not 17
VANISH_RING_MS = 500
VANISHES_AFTER_MS = 1500
OPTS_OUT_TALK_MS = 12000


class PracticeKind(StrEnum):
    """What a practice callee does. `network` is the outcome the dialer must record (PRODUCT's first fact)."""

    ANSWERS_SPEECH = "answers-speech"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    UNALLOCATED = "unallocated"
    REJECTED = "rejected"
    CONGESTION = "congestion"
    HANGS_UP_AT_ONCE = "hangs-up-at-once"
    ANSWERING_MACHINE = "answering-machine"
    ANNOUNCEMENT = "announcement"
    NEVER_REPLIES = "never-replies"
    VANISHES = "vanishes"
    ANSWERS_SLOWLY = "answers-slowly"
    UNAVAILABLE = "unavailable"
    OPTS_OUT = "opts-out"

    @property
    def network(self) -> str:
        """The network outcome as PRODUCT names it."""
        return _NETWORK[self][0]

    @property
    def detail(self) -> str:
        """The detail PRODUCT names beside the outcome, or empty."""
        return _NETWORK[self][1]

    @property
    def answers(self) -> bool:
        """Whether the far end picks up (if it is rung long enough)."""
        return self.network == "ANSWERED"

    @property
    def sip_code(self) -> int | None:
        """The final SIP status it sends by itself; None when it sends none and only the caller's CANCEL ends it."""
        return 200 if self.answers else _REFUSALS.get(self)


_NETWORK = {
    PracticeKind.ANSWERS_SPEECH: ("ANSWERED", ""),
    PracticeKind.NO_ANSWER: ("NO_ANSWER", ""),
    PracticeKind.BUSY: ("BUSY", ""),
    PracticeKind.UNALLOCATED: ("INVALID_NUMBER", ""),
    PracticeKind.REJECTED: ("REJECTED", ""),
    PracticeKind.CONGESTION: ("CONGESTION", ""),
    PracticeKind.HANGS_UP_AT_ONCE: ("ANSWERED", ""),
    PracticeKind.ANSWERING_MACHINE: ("ANSWERED", ""),
    PracticeKind.ANNOUNCEMENT: ("NO_ANSWER", "EARLY_MEDIA"),
    PracticeKind.NEVER_REPLIES: ("NO_PROGRESS", ""),
    PracticeKind.VANISHES: ("ANSWERED", "MEDIA_LOST"),
    PracticeKind.ANSWERS_SLOWLY: ("ANSWERED", ""),
    PracticeKind.UNAVAILABLE: ("UNAVAILABLE", ""),
    PracticeKind.OPTS_OUT: ("ANSWERED", ""),
}
_REFUSALS = {
    PracticeKind.BUSY: 486,
    PracticeKind.UNALLOCATED: 404,
    PracticeKind.REJECTED: 603,
    PracticeKind.CONGESTION: 503,
    PracticeKind.UNAVAILABLE: 480,
}

# They refuse at once, or never do anything after the first sign of life.
_WITHOUT_RING = frozenset({
    PracticeKind.UNALLOCATED, PracticeKind.CONGESTION, PracticeKind.NEVER_REPLIES, PracticeKind.NO_ANSWER,
    PracticeKind.ANNOUNCEMENT,
})  # fmt: skip

# First of the last-two-digits for each kind; it reaches to the next row.
TABLE: tuple[tuple[int, PracticeKind], ...] = (
    (0, PracticeKind.ANSWERS_SPEECH),
    (40, PracticeKind.NO_ANSWER),
    (54, PracticeKind.BUSY),
    (62, PracticeKind.UNALLOCATED),
    (68, PracticeKind.REJECTED),
    (72, PracticeKind.CONGESTION),
    (76, PracticeKind.HANGS_UP_AT_ONCE),
    (79, PracticeKind.ANSWERING_MACHINE),
    (86, PracticeKind.ANNOUNCEMENT),
    (89, PracticeKind.NEVER_REPLIES),
    (92, PracticeKind.VANISHES),
    (95, PracticeKind.ANSWERS_SLOWLY),
    (97, PracticeKind.UNAVAILABLE),
    (98, PracticeKind.OPTS_OUT),
)


@dataclass(frozen=True, kw_only=True)
class PracticeCallee:
    """One callee.

    `ring_ms` until he answers or refuses (0: at once, or never).
    `talk_ms` until he hangs up or vanishes (0: never talks).
    Times are for pace 1; the exchange may stretch them.
    """

    number: str
    kind: PracticeKind
    ring_ms: int
    talk_ms: int


class NotPracticeError(ValueError):
    """The number belongs to somebody; it must not be used for practice."""


def is_practice_number(e164: str) -> bool:
    """Whether the number is reserved for fiction, so that nobody can be called by it."""
    return _RESERVED.fullmatch(e164) is not None


def behaviour_of(number: str) -> PracticeCallee:
    """How this number behaves. NotPracticeError for a number that is not reserved for fiction."""
    if not is_practice_number(number):
        raise NotPracticeError(f"{number[:20]!r} is not a number reserved for fiction; nothing was dialled.")
    kind = next(kind for first, kind in reversed(TABLE) if int(number[-2:]) >= first)
    seed = int(number[-10:])
    return PracticeCallee(number=number, kind=kind, ring_ms=_ring_ms(kind, seed), talk_ms=_talk_ms(kind, seed))


def _ring_ms(kind: PracticeKind, seed: int) -> int:
    if kind in _WITHOUT_RING:
        return 0
    if kind is PracticeKind.VANISHES:
        return VANISH_RING_MS
    if kind is PracticeKind.ANSWERS_SLOWLY:
        return SLOW_RING_MS + seed % SLOW_RING_STEPS * SLOW_RING_STEP_MS
    return SPEECH_RING_MS + seed % SPEECH_RING_STEPS * 100


def _talk_ms(kind: PracticeKind, seed: int) -> int:
    fixed = {
        PracticeKind.HANGS_UP_AT_ONCE: 30,
        PracticeKind.ANSWERING_MACHINE: MACHINE_RECORDS_MS,
        PracticeKind.VANISHES: VANISHES_AFTER_MS,
        PracticeKind.OPTS_OUT: OPTS_OUT_TALK_MS,
    }
    if kind in (PracticeKind.ANSWERS_SPEECH, PracticeKind.ANSWERS_SLOWLY):
        return SPEECH_TALK_MS + seed % SPEECH_TALK_STEPS * 500
    return fixed.get(kind, 0)


def endings(kind: PracticeKind) -> tuple[int, ...]:
    """The last two digits that mean this kind."""
    firsts = [first for first, _kind in TABLE] + [100]
    row = next(index for index, (_first, listed) in enumerate(TABLE) if listed is kind)
    return tuple(range(firsts[row], firsts[row + 1]))


def numbers(kind: PracticeKind) -> Iterator[str]:
    """All distinct US practice numbers of a kind (359 area codes for each ending), one area code after the other."""
    for ending in endings(kind):
        for area in AREA_CODES:
            yield f"+1{area}55501{ending:02d}"
