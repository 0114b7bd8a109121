"""A seeded city: its vehicles, roads, sensors, weather and incidents, the events they send, and the truth."""
