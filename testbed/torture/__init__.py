"""Landing under fire: every point at which it can die by name, and a long run that kills it at these and at random."""
