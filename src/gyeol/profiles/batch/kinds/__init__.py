"""One file for each kind of trait, as an aggregate over a person's events."""
