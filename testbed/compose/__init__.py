"""docker-compose.yml without Docker: its services as processes in a network of their own."""
