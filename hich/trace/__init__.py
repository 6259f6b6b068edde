"""`hich trace`: how a result was made, and whether all that it was made of is still the same."""
