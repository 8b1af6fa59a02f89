"""People who work here: the admin token, until sign-in exists."""
