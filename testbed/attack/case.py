"""A record of an attack and its fate, as its author says it from docs/landing.md and docs/definitions.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from testbed.oracle.sample_landing import VALID

AT = datetime(2026, 3, 2, 8, 14, 7, 250_000, tzinfo=UTC)
SENT_AT = AT + timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Fate:
    """A dead letter with `reason`, and the field that is `named`; or a raw row with the values in `row`.

    `invalid` is its invalid_reason. `status` None: the kind says nothing of it, and the oracle alone judges.
    """

    reason: str | None = None
    named: str | None = None
    row: Mapping[str, Any] = field(default_factory=dict)
    status: str | None = None
    invalid: str | None = None


@dataclass(frozen=True)
class Sent:
    """A Kafka record. `timestamp_us` is None where Spark's reader gives none."""

    table: str
    value: bytes | None
    fate: Fate
    key: bytes | None = b"key"
    timestamp_us: int | None = 0
    partition: int = 0


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def spelled_time(at: datetime) -> str:
    """As most senders spell a time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Maker:
    """Makes the records of one case: each is a good one of its table, but for what the case is about."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(f"attack {seed}")
        self.seed = seed
        self._count = 0

    def fields(self, table: str, **changes: Any) -> dict[str, Any]:
        """A good record with an event_id of its own, and `changes`; without what is None."""
        self._count += 1
        own = {"event_id": f"a{self.seed}-{self._count}", "event_time": spelled_time(AT)}
        whole = {**own, **VALID[table], **changes}
        return {name: value for name, value in whole.items() if value is not None}

    def text(self, fields: Mapping[str, Any], spelled: Mapping[str, str] | None = None, more: str = "") -> bytes:
        """The record as JSON, the fields in `spelled` by that text; `more` are members behind them."""
        texts = {name: json.dumps(value, ensure_ascii=False) for name, value in fields.items()} | dict(spelled or {})
        members = [f"{json.dumps(name)}: {text}" for name, text in texts.items()]
        return ("{" + ", ".join([*members, *([more] if more else [])]) + "}").encode("utf-8", "surrogatepass")

    def fits(
        self, table: str, *, spelled: Mapping[str, str] | None = None, more: str = "",
        row: Mapping[str, Any] | None = None, value: bytes | None = None, status: str | None = "clean",
        invalid: str | None = None, sent_at: datetime | None = SENT_AT, key: bytes | None = b"key", partition: int = 0,
        **changes: Any,
    ) -> Sent:  # fmt: skip
        """A record that becomes a raw row of its fields, but for the values in `row`."""
        fields = self.fields(table, **changes)
        expected: dict[str, Any] = {**fields, "event_time": AT, "_rescued": None}
        if "event_time" in changes and isinstance(changes["event_time"], str) and not (row and "event_time" in row):
            expected["event_time"] = datetime.fromisoformat(changes["event_time"])
        expected |= dict(row or {})
        fate = Fate(row=expected, status="invalid" if invalid else status, invalid=invalid)
        text = value if value is not None else self.text(fields, spelled, more)
        return Sent(table, text, fate, key, None if sent_at is None else micros(sent_at), partition)

    def dead(
        self, table: str, reason: str, named: str | None = None, *, spelled: Mapping[str, str] | None = None,
        more: str = "", value: bytes | None = None, key: bytes | None = b"key", partition: int = 0, **changes: Any,
    ) -> Sent:  # fmt: skip
        """A record that becomes a dead letter."""
        text = value if value is not None else self.text(self.fields(table, **changes), spelled, more)
        return Sent(table, text, Fate(reason, named), key, micros(SENT_AT), partition)

    def some(self, choices: list[Any], count: int = 8) -> list[Any]:
        """A few of the choices, in a drawn order; all if there are not more."""
        return self.draw.sample(choices, min(count, len(choices)))
