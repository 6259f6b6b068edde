"""Results of steps in a remote: pushed where they are current, pulled where they would be so."""
