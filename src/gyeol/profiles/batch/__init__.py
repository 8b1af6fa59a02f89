"""Traits as Ibis expressions over the lake: the same definitions, run by a query engine.

One file of ``batch/kinds`` for each kind of ``profiles/kinds``. Equal to the stream: byte for byte, decayed sums to 1e-9. Known
differences: texts made of JSON lists or objects are as the lake has them (not sorted), texts of numbers beyond 2**53 or below 1e-4
may be written with another exponent, and instants are read in the extended form of ISO 8601 only (``2026-01-31T09:00:00+09:00``).
"""
