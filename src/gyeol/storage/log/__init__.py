"""Drivers of the log."""
