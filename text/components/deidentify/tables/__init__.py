"""What cells, and pieces side by side, tell of each other."""
