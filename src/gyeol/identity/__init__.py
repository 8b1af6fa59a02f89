"""Who it was: identifiers, evidence, limits, shared identifiers, quarantine, merge and cut."""
