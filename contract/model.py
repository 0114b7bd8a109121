"""What the contract consists of: topics, tables of source `raw`, and their columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from contract.values import Misfit, convert

TEXT = re.compile(r"varchar\(([1-9]\d{0,4})\)")


class ContractError(ValueError):
    """The contract is wrong; the message names the file, the table and the column, and says what to write."""


@dataclass(frozen=True)
class Column:
    """A field of a message. `data_type` is varchar(n), timestamp, double, integer, bigint, boolean or binary."""

    name: str
    data_type: str
    required: bool = False
    unit: str | None = None
    description: str = ""

    @cached_property
    def kind(self) -> str:
        """The type without its length, such as `varchar`."""
        return self.data_type.partition("(")[0]

    @cached_property
    def max_bytes(self) -> int | None:
        """The longest UTF-8 encoding of a text, in bytes (as Redshift counts); None for all other types."""
        text = TEXT.fullmatch(self.data_type)
        return int(text[1]) if text else None


@dataclass(frozen=True)
class Table:
    """A table of source `raw`."""

    table: str
    columns: tuple[Column, ...]
    description: str = ""


@dataclass(frozen=True)
class Topic(Table):
    """A landed Kafka topic: `key` names the column that holds the message key."""

    topic: str = ""
    key: str = ""

    def check(self, record: Mapping[str, Any]) -> list[str]:
        """Say why landing would make `record` (a decoded JSON object) a dead letter: `reason field`; [] if it fits."""
        faults = []
        for column in self.columns:
            try:
                convert(column.kind, column.max_bytes, column.required, record.get(column.name))
            except Misfit as misfit:
                faults.append(f"{misfit.reason} {column.name}")
        return faults


@dataclass(frozen=True)
class Contract:
    """All tables of source `raw`. `landing_columns` follow the topic's own columns in every raw table."""

    topics: tuple[Topic, ...]
    landing_columns: tuple[Column, ...]
    dead_letters: Table
    landed_batches: Table
    compacted_hours: Table

    def topic(self, name: str) -> Topic:
        """The topic of that Kafka name; ContractError if there is none."""
        for topic in self.topics:
            if topic.topic == name:
                return topic
        known = ", ".join(topic.topic for topic in self.topics)
        raise ContractError(
            f"Topic {name} is not in the contract: choose from {known}, or declare it in a source file."
        )
