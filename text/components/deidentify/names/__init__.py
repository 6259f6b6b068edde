"""Names of people: what they look like, what stands around them, where they stand again."""
