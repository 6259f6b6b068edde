"""What the skull of a scan tells: where the head's middle is, and whether it was opened."""
