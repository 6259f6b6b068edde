"""A training: its parts, its loop, what it saves."""
