"""Records and their annotations: found, read, checked, written as DocBin."""
