"""How real generated heads are, and how long they take."""
