"""Suggestions on disk, and the comparison of records in DuckDB."""
