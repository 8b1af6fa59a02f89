"""What another policy would have earned, told from what was logged: estimators, their uncertainty, and when nothing can be told."""
