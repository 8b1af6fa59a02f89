"""The public port: the collector (Segment and RudderStack wire) and decide, on an HTTP door of its own. Imports no web framework."""
