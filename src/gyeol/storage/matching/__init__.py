"""Matching of records in files with DuckDB and Splink: reading, training, weights, groups, explanations."""
