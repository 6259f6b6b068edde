"""What a scan shows of a head: its outline, its height, its sides, and whether these are right."""
