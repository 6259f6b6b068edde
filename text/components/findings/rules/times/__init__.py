"""Rules of `hich_findings` for when the first CT was taken."""
