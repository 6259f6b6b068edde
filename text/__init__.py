"""Medical records: convert to DocBin, annotate. Training and scoring are spaCy's own commands."""
