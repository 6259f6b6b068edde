"""NIfTI files: reading, writing, what is wrong with one, what one says of its scan."""
