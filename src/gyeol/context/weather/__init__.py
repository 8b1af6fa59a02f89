"""Weather: what services say, in one form, and what follows from it. Pure; no input or output."""
