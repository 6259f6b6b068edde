"""`hich_ner`: a recogniser with a conditional random field."""
