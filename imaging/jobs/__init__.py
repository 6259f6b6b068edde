"""What commands do for each scan, as jobs that any machine can do."""
