"""One file for each kind of fact."""
