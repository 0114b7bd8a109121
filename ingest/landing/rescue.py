"""What becomes of the fields that the contract does not name: `_rescued`, a JSON object of them. Needs no Spark."""

from __future__ import annotations

import json
from json.decoder import WHITESPACE, scanstring  # type: ignore[attr-defined]
from typing import Any

from contract.values import Misfit, Reason

RESCUED_MAX_BYTES = 65535


def _no_constant(name: str) -> None:
    raise Misfit(Reason.NOT_JSON)


_MEMBER = json.JSONDecoder(parse_constant=_no_constant)


def rescue(text: str, unknown: dict[str, Any]) -> str:
    """Cut the members named in `unknown` out of the text of a JSON object (known to parse), each as it is spelled.

    Raises Misfit if the result is longer than its column or holds NaN or Infinity, and RecursionError if a member is
    nested too deep.
    """
    members = []
    at = text.index("{") + 1
    while True:
        start = text.index('"', at)
        name, after = scanstring(text, start + 1, True)
        colon = WHITESPACE.match(text, after).end()
        value = WHITESPACE.match(text, colon + 1).end()
        _, end = _MEMBER.raw_decode(text, value)
        if name in unknown:
            members.append(f"{text[start:after]}:{text[value:end]}")
        at = WHITESPACE.match(text, end).end()
        if text[at] == "}":
            break
    rescued = "{" + ",".join(members) + "}"
    if len(rescued.encode("utf-8")) > RESCUED_MAX_BYTES:
        raise Misfit(Reason.TOO_LONG, "_rescued")
    return rescued
