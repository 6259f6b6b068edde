"""`hich doctor`: what is installed, what the machine has, and whether both halves work."""
