"""The public port: the collector (Segment and RudderStack wire) and decide, as raw ASGI. Imports no web framework."""
