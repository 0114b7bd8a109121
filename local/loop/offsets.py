"""The newest offsets on Kafka, and how fast they grow."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

_OVER = 30.0  # seconds over which a rate is taken
_WITHIN = 5.0  # seconds for an answer


class Offsets:
    """Asks a broker for the ends of topics; `ends` is the last answer: topic → partition → next offset."""

    def __init__(self, bootstrap_servers: str, topics: Iterable[str]) -> None:
        self._admin = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0})
        self._topics = list(topics)
        self._seen: deque[tuple[float, dict[str, int]]] = deque()
        self.ends: dict[str, dict[int, int]] = {}

    def ask(self) -> bool:
        """Whether Kafka answered."""
        try:
            known = self._admin.list_topics(timeout=_WITHIN).topics
            asked = {
                TopicPartition(topic, partition): OffsetSpec.latest()
                for topic in self._topics
                for partition in (known[topic].partitions if topic in known else ())
            }
            answers = self._admin.list_offsets(asked, request_timeout=_WITHIN) if asked else {}
            found: dict[str, dict[int, int]] = {topic: {} for topic in self._topics}
            for place, answer in answers.items():
                found[place.topic][place.partition] = answer.result().offset
        except KafkaException:
            return False
        self.ends = found
        now = time.monotonic()
        self._seen.append((now, {topic: sum(parts.values()) for topic, parts in found.items()}))
        while len(self._seen) > 2 and self._seen[1][0] < now - _OVER:
            self._seen.popleft()
        return True

    def rate(self, topic: str) -> float:
        """Records a second that came to Kafka lately; 0 until it was asked twice."""
        if len(self._seen) < 2:
            return 0.0
        (began, first), (ended, last) = self._seen[0], self._seen[-1]
        return max(0.0, (last[topic] - first[topic]) / (ended - began)) if ended > began else 0.0

    def lag(self, topic: str, landed: dict[int, int]) -> int:
        """How many offsets of a topic are not landed, by the ends of what was landed."""
        return sum(max(0, end - landed.get(partition, 0)) for partition, end in self.ends.get(topic, {}).items())
