"""Seeded schedules of an unkind world: whatever arrives and fails, tables equal one full refresh and the oracle."""
