"""Hostile inputs and interleavings, drawn from seeds: what landing, staging and the marts make of them."""
