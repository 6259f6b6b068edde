"""The same records as two people annotated them."""
