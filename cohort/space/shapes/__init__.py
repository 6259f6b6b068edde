"""The shape of what a mask marks: its box, its pieces, its diameters."""
