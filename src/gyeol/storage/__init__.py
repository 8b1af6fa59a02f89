"""Drivers behind the Protocols that the packages above declare. Only here are connections opened."""
