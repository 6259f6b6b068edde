"""Dates in any notation: how they are written, where they stand, the same some days earlier."""
