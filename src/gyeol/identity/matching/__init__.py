"""Matching of messy records: what a column holds, one spelling for it, how two values are compared, who belongs together. No I/O."""
