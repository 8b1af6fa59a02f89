"""What we know: traits, their columns, presented values and their sources."""
