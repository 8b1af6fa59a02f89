"""Companies that show what Gyeol does: their definitions, and of the made-up one what makes its data."""
