"""Kinds of hostile input: times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from testbed.attack.case import AT, Maker, Sent, spelled_time

_TABLE = "sensors_sample"
_AHEAD, _BEHIND = timedelta(hours=1), timedelta(days=7)  # event_ahead_ms, event_behind_ms
_HELD_UNTIL = datetime(2262, 1, 1, tzinfo=UTC)
_MS, _US = timedelta(milliseconds=1), timedelta(microseconds=1)
_NO_TIMES = [
    "2026-03-02T24:00:00Z",
    "2026-03-02T23:59:60Z",
    "2026-03-02T08:60:00Z",
    "2027-02-29T08:00:00Z",
    "2026-00-02T08:00:00Z",
    "2026-13-02T08:00:00Z",
    "2026-03-00T08:00:00Z",
    "2026-04-31T08:00:00Z",
    "2026-W10-1T08:00:00Z",
    "2026-061T08:00:00Z",
    "20260302T080000Z",
    "2026-03-02t08:00:00z",
    "2026-03-02T08:00:00z",
    "2026-03-02 08:00:00Z",
    "2026-03-02T08:00Z",
    "2026-03-02T08:00:00,5Z",
    "2026-03-02T08:00:00.Z",
    "2026-03-02T08:00:00+0100",
    "2026-03-02T08:00:00+01",
    "2026-03-02T08:00:00+00:60",
    "2026-03-02T08:00:00+24:00",
    "2026-03-02T08:00:00+99:00",
    "2026-03-02T08:00:00ZZ",
    "2026-03-02T08:00:00 Z",
    "2026-03-02T08:00:00UTC",
    "2026-03-02T08:00:00[UTC]",
    "2026-03-02T08:00:00Europe/Berlin",
    "+2026-03-02T08:00:00Z",
    "-0001-03-02T08:00:00Z",
    "0000-03-02T08:00:00Z",
    "10000-01-01T00:00:00Z",
    "26-03-02T08:00:00Z",
    "2026-3-2T8:00:00Z",
    "03/02/2026 08:00",
    "Mon, 02 Mar 2026 08:00:00 GMT",
    "1772438400",
    "1772438400000",
    "now",
    "Z",
    "2026-03-02T08:00:00\u2212 01:00",
    "2026-03-02T08:00:00-01:00:00",
    "2026-03-02T-8:00:00Z",
    "2026-03-02T08:00:00Z ",
    "2026-03-02T08:00:00.1.2Z",
    "2026-03-02T08:00:00.12e3Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
]


def none(make: Maker) -> list[Sent]:
    """Texts that are no time of the calendar with an offset."""
    return [make.dead(_TABLE, "wrong_type", "event_time", event_time=text) for text in make.some(_NO_TIMES, 10)]


def offsets(make: Maker) -> list[Sent]:
    """Offsets to their ends, and those that lead into another day, month or year."""
    sent = []
    for _ in range(8):
        minutes = make.draw.choice([14 * 60, -14 * 60, 23 * 60 + 59, -(23 * 60 + 59), 0, 1, -1, 345, -210, 765])
        sign = "-" if minutes < 0 or (minutes == 0 and make.draw.random() < 0.5) else "+"
        local = AT + timedelta(minutes=minutes)
        text = f"{local:%Y-%m-%dT%H:%M:%S}.25{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
        sent.append(make.fits(_TABLE, event_time=text, row={"event_time": AT}))
    ends = [("0001-01-01T00:00:00-00:01", datetime(1, 1, 1, 0, 1, tzinfo=UTC))]
    ends += [("9999-12-31T23:59:59+23:59", datetime(9999, 12, 31, 0, 0, 59, tzinfo=UTC))]
    reason = "event_time_out_of_range"
    return sent + [make.fits(_TABLE, event_time=text, row={"event_time": at}, invalid=reason) for text, at in ends]


def fractions(make: Maker) -> list[Sent]:
    """Fractions of 1 to 1,000 digits: cut off behind the microsecond, not rounded."""
    sent = []
    for _ in range(8):
        digits = "".join(make.draw.choice("0599") for _ in range(make.draw.choice([1, 2, 5, 6, 7, 9, 12, 30, 1000])))
        at = AT.replace(microsecond=int(digits.ljust(6, "0")[:6]))
        text = f"{at:%Y-%m-%dT%H:%M:%S}.{digits}{make.draw.choice(['Z', '+00:00', '-00:00'])}"
        sent.append(make.fits(_TABLE, event_time=text, row={"event_time": at}))
    return sent


def bounds(make: Maker) -> list[Sent]:
    """Event times that are as far from the sending as the rule allows, and a microsecond or millisecond beyond."""
    sent = []
    for _ in range(10):
        event = AT + timedelta(microseconds=make.draw.randrange(1000))
        apart = make.draw.choice([-_AHEAD, _BEHIND]) + make.draw.choice([-_MS, -_US, timedelta(), _US, _MS])
        sent_at = event + apart
        whole = [(at - datetime(1970, 1, 1, tzinfo=UTC)) // _MS for at in (sent_at, event)]
        allowed = -_AHEAD // _MS <= whole[0] - whole[1] <= _BEHIND // _MS
        reason = None if allowed else "event_time_out_of_range"
        sent.append(make.fits(_TABLE, event_time=spelled_time(event), sent_at=sent_at, invalid=reason))
    return sent


def clocks_reset(make: Maker) -> list[Sent]:
    """Devices whose clock was reset: events and their sending on both sides of 1970-01-01."""
    sent = []
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for _ in range(8):
        table = make.draw.choice(["sensors_sample", "vehicle_telemetry", "vehicle_gps", "traffic_sensors", "weather"])
        sent_at = epoch + make.draw.choice([timedelta(), _MS, timedelta(seconds=59), timedelta(hours=1)])
        event = sent_at + make.draw.choice([-_US, -_MS, timedelta(), _US, -timedelta(minutes=1), timedelta(seconds=30)])
        sent.append(make.fits(table, event_time=spelled_time(event), sent_at=sent_at))
    before = epoch - make.draw.choice([_US, _MS, timedelta(days=9)])
    return [*sent, make.fits(_TABLE, event_time=spelled_time(epoch), sent_at=before, invalid="event_time_out_of_range")]


def last_years(make: Maker) -> list[Sent]:
    """Records of the last moments that raw holds a Kafka timestamp of, and of those after it."""
    sent = []
    for _ in range(6):
        sent_at = _HELD_UNTIL + make.draw.choice(
            [-_MS, -timedelta(hours=1), -timedelta(days=1), timedelta(), _MS, _BEHIND]
        )
        event = sent_at - make.draw.choice([timedelta(), _US, timedelta(minutes=30), timedelta(days=6)])
        reason = None if sent_at < _HELD_UNTIL else "event_time_out_of_range"
        table = make.draw.choice(["sensors_sample", "vehicle_telemetry", "traffic_sensors"])
        sent.append(make.fits(table, event_time=spelled_time(event), sent_at=sent_at, invalid=reason))
    return sent


def edges(make: Maker) -> list[Sent]:
    """Events beside the edge of a minute, an hour, a day, a month, a year and a change of summer time."""
    texts = ["2026-03-08T02", "2026-11-01T01", "2026-03-29T01", "2025-12-31T23", "2028-02-29T00", "2026-02-28T23"]
    moments = [datetime.fromisoformat(f"{text}:00:00Z") for text in texts]
    sent = []
    for moment in make.some(moments, 3):
        for step in (-_US, timedelta(), _US, -_MS, timedelta(minutes=1) - _US):
            event = moment + timedelta(hours=1) + step
            table = make.draw.choice(
                ["sensors_sample", "vehicle_telemetry", "vehicle_gps", "traffic_sensors", "weather"]
            )
            sent.append(make.fits(table, event_time=spelled_time(event), sent_at=event + timedelta(seconds=1)))
    return sent


def far_times(make: Maker) -> list[Sent]:
    """Event times of the first and the last years, whose sender's Kafka timestamp is of today, or not known."""
    sent = []
    days = ["0001-01-01", "9999-12-31", "1582-10-10", "1900-02-28", "2038-01-19", "4000-02-29", "1677-09-21"]
    for day in make.some(days, 5):
        event = datetime.fromisoformat(f"{day}T03:14:08Z") + timedelta(microseconds=make.draw.randrange(10**6))
        reason = "event_time_out_of_range"
        sent.append(make.fits("weather", event_time=spelled_time(event), invalid=reason))
        sent.append(make.fits("vehicle_gps", event_time=spelled_time(event), sent_at=None, invalid=reason))
    return sent


KINDS = {
    "texts that are no time": none,
    "offsets to their ends": offsets,
    "fractions of a second": fractions,
    "event times at the bounds of their rule": bounds,
    "clocks that were reset to 1970": clocks_reset,
    "the last years that raw holds": last_years,
    "events beside an edge of the calendar": edges,
    "event times of the first and last years": far_times,
}
