"""Jobs at once on one landing folder, killed, paused and over a store that fails: each record once, at every look."""
