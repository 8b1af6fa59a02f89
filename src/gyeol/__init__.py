"""Gyeol (결): one log, one clock, one living profile for each customer, and the right thing to say in the moment."""

__version__ = "0.1.0"
