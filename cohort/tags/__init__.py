"""Character tags of records: schemes, files, and reading them."""
