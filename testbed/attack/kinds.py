"""All kinds of attack, and which one a seed is of."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from testbed.attack import envelopes, numbers, places, sequences, shapes, texts, times
from testbed.attack.case import Maker, Sent

INPUTS: Mapping[str, Callable[[Maker], list[Sent]]] = {
    **numbers.KINDS, **texts.KINDS, **shapes.KINDS, **times.KINDS, **places.KINDS, **envelopes.KINDS,
}  # fmt: skip
SEQUENCES = sequences.KINDS
KINDS = (*INPUTS, *SEQUENCES)


def kind_of(seed: int) -> str:
    """The kinds take turns."""
    return KINDS[seed % len(KINDS)]
