"""What we say: the content of an offer in the reader's language."""
