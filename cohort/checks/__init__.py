"""What is wrong, or unusual, about a scan, its masks and its record."""
