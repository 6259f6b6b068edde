"""Files that the text half writes: annotated records, what is wrong in them, how people agree."""
