"""Drivers of the state store: SQLite through SQLAlchemy Core, and memory for tests."""
