"""A Korean coffee chain, made up."""
