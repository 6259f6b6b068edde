"""How results were made, and whether what they were made of is still the same."""
