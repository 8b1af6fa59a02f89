"""Definitions as files: load, validate, plan, apply."""
