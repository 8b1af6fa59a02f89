"""Benchmarks: the gyeol bench command."""
