"""Rules of `hich_findings` for who the patient is, and what the patient told."""
