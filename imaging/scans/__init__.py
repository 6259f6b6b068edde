"""Scans as the network sees them: found, checked, windowed, cut into slices."""
