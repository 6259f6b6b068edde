"""Slices of a scan that lie anywhere: their places in a file, and the grid that they make."""
