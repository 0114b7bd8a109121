"""Kinds of hostile input: keys, empty values, and records that are alike."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

from testbed.attack.case import AT, Maker, Sent, spelled_time

_TABLE = "vehicle_telemetry"


def keys(make: Maker) -> list[Sent]:
    """Keys that are null, empty, long, no UTF-8 or another's: landing does not read them, dead letters keep them."""
    chosen = [
        None,
        b"",
        b"\0",
        b"\xff\xfe",
        b"k" * 100_000,
        b"car-0001 ",
        b"'; drop",
        make.draw.randbytes(40),
        b"\\N",
        b"\n",
    ]
    sent = []
    for key in make.some(chosen, 5):
        sent.append(make.fits(_TABLE, key=key))
        sent.append(make.dead(_TABLE, "not_json", value=b"{", key=key))
    return sent


def empty(make: Maker) -> list[Sent]:
    """No value, an empty one, and ones that hold nothing."""
    values = [
        (None, "null_payload"),
        (b"", "null_payload"),
        (b" ", "not_json"),
        (b"\n", "not_json"),
        (b"\0", "not_json"),
    ]
    values += [(b"null", "not_object"), (b"{}", "missing_field"), (b"[]", "not_object"), (b'""', "not_object")]
    values += [
        (b"\xc2\xa0", "not_json"),
        (b"\xef\xbb\xbf", "not_json"),
        (b"{ }", "missing_field"),
        (b"0", "not_object"),
    ]
    sent = []
    for value, reason in make.some(values, 8):
        letter = make.dead(_TABLE, reason, "event_id" if reason == "missing_field" else None, value=b"x")
        sent.append(replace(letter, value=value, key=make.draw.choice([None, b"", b"car-0001"])))
    return sent


def twins(make: Maker) -> list[Sent]:
    """Records of one identity that differ in one field: the first landed counts, whatever the others hold."""
    first = make.fields(_TABLE)
    event = first["event_id"]
    changes = [{"speed_kmh": 51.0}, {"vehicle_id": "car-0002"}, {"location": "30.4,-97.6"}, {"make": "Opel"}, {}]
    changes += [{"speed_kmh": math.nextafter(50, 51)}, {"trip_id": "t-1"}, {"event_id": event + " "}]
    twin = [make.fits(_TABLE, status="duplicate", **{"event_id": event, **change}) for change in make.some(changes, 4)]
    invalid = make.fits(_TABLE, event_id=event, speed_kmh=-1.0, invalid="speed_out_of_range")
    return [invalid, make.fits(_TABLE, event_id=event), *twin, invalid]


def everywhere(make: Maker) -> list[Sent]:
    """One id in each topic and in both partitions: an identity is one within a topic."""
    event = make.fields(_TABLE)["event_id"]
    tables = ["vehicle_telemetry", "vehicle_gps", "weather", "traffic_cameras", "sensors_sample"]
    chosen = make.some(tables, 3)
    sent = [make.fits(table, event_id=event, partition=0) for table in chosen]
    return sent + [make.fits(table, event_id=event, partition=1, status="duplicate") for table in chosen]


def other_times(make: Maker) -> list[Sent]:
    """One id at times that differ by a microsecond or more: each is another reading, and all are of one vehicle."""
    event = make.fields(_TABLE)["event_id"]
    steps = [timedelta(microseconds=step) for step in make.some([-1000, -1, 0, 1, 999, 1000, 60_000_000], 5)]
    return [make.fits(_TABLE, event_id=event, event_time=spelled_time(AT + step)) for step in steps]


def trips(make: Maker) -> list[Sent]:
    """A trip whose readings share one time, beside fixes without a way, and ids that are nearly the trip's."""
    name = f"t{make.seed}"
    vehicle = f"v{make.seed}"
    sent = []
    for number in range(4):
        trip = make.draw.choice([name, name.upper(), name + "\u200b", name + " ", name])
        event = spelled_time(AT + timedelta(seconds=make.draw.choice([0, 0, 1, 30])))
        sent.append(make.fits(_TABLE, vehicle_id=vehicle, trip_id=trip, route_id="i35", event_time=event))
        location = make.draw.choice(
            ["90,180", "90,-180", "30.5,-97.5", "-90,0", "0,180", "0,-180", f"30.50000{number},-97.5"]
        )
        accuracy = make.draw.choice([0.0, 50.0, math.nextafter(50, 51), 5e-324])
        sent.append(
            make.fits("vehicle_gps", vehicle_id=vehicle, location=location, accuracy_m=accuracy, event_time=event)
        )
    return sent


def incidents(make: Maker) -> list[Sent]:
    """Messages of one incident at one time, in an order that their statuses do not have, from two places."""
    name = f"i{make.seed}"
    statuses = ["resolved", "reported", "on_scene", "dispatched", "reported"]
    make.draw.shuffle(statuses)
    return [
        make.fits(
            "emergency_incidents", incident_id=make.draw.choice([name, name + " "]), 
            spelled={"status": f'"{status}"'}, row={"status": status},
            severity=make.draw.choice([1, 5]), location=make.draw.choice(["30.4,-97.7", "30.25,-97.7", "0,0"]),
            event_time=spelled_time(AT + timedelta(seconds=make.draw.choice([0, 0, 1]))),
        )
        for status in statuses
    ]  # fmt: skip


KINDS = {
    "keys of every kind": keys,
    "values that are empty or hold nothing": empty,
    "twins that differ in one field": twins,
    "one id in all topics and partitions": everywhere,
    "one id at times a microsecond apart": other_times,
    "trips at one time, about poles and antimeridian": trips,
    "messages of one incident at one time": incidents,
}
