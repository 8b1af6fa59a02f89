"""Ids, time, money, hashing, errors, canonical JSON. No I/O; imports nothing of Gyeol."""
