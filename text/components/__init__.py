"""Components of the spaCy pipeline; this folder travels in the pipeline's wheel."""
