"""What is wrong with scans, masks and pairs, and whether the program notices it."""
