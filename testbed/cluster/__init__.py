"""A Spark cluster on loopback that lands: a master and workers as processes, and the landing job from its wheel."""
