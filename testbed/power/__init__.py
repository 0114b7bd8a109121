"""A power failure: each state that a disk may be left in, by the writes and syncs of a landing that were traced."""
