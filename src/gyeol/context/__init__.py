"""What is true now: facts with source, age and confidence, joined into the Moment."""
