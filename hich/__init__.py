"""The top floor: CT and record of one patient side by side."""
