"""Annotated records as pages and tables."""
