"""A store whose caller may die or stop for a while before and after each step."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import Any

from ingest.folder.store import Store

_CRASHES, _PAUSES = 8, 40  # of 1,000 steps
_LONGEST = 0.4  # seconds of a pause: many batches of the other jobs
_ASKED = {"named", "identity"}  # which change and read nothing


class Crash(BaseException):
    """The job dies here. Nothing of it goes on, and it cleans up nothing."""


class Shaken:
    """Has the verbs of a store, for one job."""

    def __init__(self, store: Store, dice: random.Random, seen: Counter[str]) -> None:
        self._store, self._dice, self._seen = store, dice, seen

    def __getattr__(self, name: str) -> Any:
        verb = getattr(self._store, name)
        if name in _ASKED or not callable(verb):
            return verb

        def shaken(*arguments: Any, **options: Any) -> Any:
            self._shake(name)
            result = verb(*arguments, **options)
            self._shake(name)
            return result

        return shaken

    def _shake(self, name: str) -> None:
        place = self._dice.random() * 1000
        if place < _CRASHES:
            self._seen["crashes"] += 1
            raise Crash(name)
        if place < _CRASHES + _PAUSES:
            self._seen["pauses"] += 1
            time.sleep(self._dice.random() * _LONGEST)
