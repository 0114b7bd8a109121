"""What the documentation claims about cost and speed, reproducible."""
