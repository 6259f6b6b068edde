"""What is written in figures: phones and contacts, numbers of papers and records, ages."""
