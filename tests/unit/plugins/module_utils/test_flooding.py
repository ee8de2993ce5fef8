# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils import _arp
from ansible_collections.haweb.cluster.plugins.module_utils._flooding import (
    BROADCAST,
    ETHERTYPE,
    HEAD,
    Seen,
    Wanted,
    frames,
    has_all,
    packed,
    problems,
)

MAC = "02:00:c0:a8:00:69"
CARD, OTHER_CARD = packed("52:54:00:00:00:03"), packed("52:54:00:00:00:04")
OURS = Wanted("eth0", "192.168.0.103", ("192.168.0.104",), {"192.168.0.105": MAC})
THEIRS = Wanted("eth0", "192.168.0.104", ("192.168.0.103",), {"192.168.0.105": MAC})
TO_ALL, TO_MAC, ARP_ANSWER = frames(OTHER_CARD, THEIRS, content=False)


def seen(*received: bytes) -> Seen:
    found = Seen()
    for frame in received:
        found.note(frame, OURS.macs.values())
    return found


def test_one_round_is_a_broadcast_a_frame_to_the_mac_and_an_arp_answer_to_it() -> None:
    heads = [HEAD.unpack(frame[: HEAD.size]) for frame in (TO_ALL, TO_MAC, ARP_ANSWER)]
    assert heads == [
        (packed(BROADCAST), OTHER_CARD, ETHERTYPE),
        (packed(MAC), OTHER_CARD, ETHERTYPE),
        (packed(MAC), OTHER_CARD, _arp.ETHERTYPE),
    ]
    claim = _arp.answer(ARP_ANSWER)
    assert claim is not None
    assert (str(claim[0]), claim[1]) == ("192.168.0.105", MAC)


def test_all_has_come_in_whatever_order() -> None:
    received = seen(ARP_ANSWER, TO_MAC, TO_ALL)
    assert has_all(received, OURS)
    assert problems(received, OURS, 10) == []
    assert received.content == set()


def test_other_director_has_received_all_as_well() -> None:
    assert seen(*frames(OTHER_CARD, THEIRS, content=True)).content == {"192.168.0.104"}


@pytest.mark.parametrize(
    ("received", "begins"),
    [
        ((), "no frame from 192.168.0.104 arrived on eth0 within 10 s, not even a broadcast."),
        # A director's own frames do not count.
        (tuple(frames(CARD, OURS, content=True)), "no frame from 192.168.0.104"),
        ((TO_ALL,), f"a frame from 192.168.0.104 to {MAC}, the MAC of 192.168.0.105, did not arrive"),
        ((TO_ALL, ARP_ANSWER), f"a frame from 192.168.0.104 to {MAC}"),
        ((TO_ALL, TO_MAC), f"an ARP reply from 192.168.0.104 with {MAC}, the MAC of 192.168.0.105, did not"),
    ],
)
def test_what_is_missing(received: tuple[bytes, ...], begins: str) -> None:
    found = seen(*received)
    assert not has_all(found, OURS)
    (sentence,) = problems(found, OURS, 10)
    assert sentence.startswith(begins)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        TO_ALL[: HEAD.size],
        TO_ALL[: HEAD.size] + b"[]",
        TO_ALL[: HEAD.size] + b"nonsense",
        # For another address.
        packed("02:00:c0:a8:00:63") + TO_MAC[6:],
    ],
)
def test_what_is_not_ours(frame: bytes) -> None:
    assert seen(frame) == Seen()
