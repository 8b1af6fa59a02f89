"""What somebody is about to do: browse, compare, buy, use, get help, leave; from what they did in the session so far."""
