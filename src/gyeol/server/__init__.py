"""core: the collector and decide (raw ASGI). side: the API, the console's files."""
