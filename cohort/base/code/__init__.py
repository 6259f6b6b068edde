"""Fingerprints: of the code that a step runs, and of the files that it reads."""
