"""How long commands take, and how much memory."""
