"""A seeded city: vehicles, roads, sensors, weather and incidents, the events that they send, and the truth about them."""
