"""What commands do for parts of many records, as jobs that any machine can do."""
