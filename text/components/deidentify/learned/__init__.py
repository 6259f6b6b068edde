"""What a small network, trained on generated notes, says of each character of a record."""
