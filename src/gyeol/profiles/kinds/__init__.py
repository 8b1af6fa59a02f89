"""One file for each kind of trait, and the table of them."""
