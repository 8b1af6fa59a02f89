"""What we may do: consent by contact address and purpose, law as data, quiet hours."""
