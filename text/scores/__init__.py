"""A pipeline's entities judged by annotated ones."""
