"""Rules of `hich_findings`, a file for each topic."""
