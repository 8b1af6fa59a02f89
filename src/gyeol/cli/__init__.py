"""The gyeol command."""
