"""What must hold between definitions: one file for each part of the loop, each with ``check(findings)``."""
