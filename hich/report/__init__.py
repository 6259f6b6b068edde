"""Report: what the CT measures and what the record says, side by side."""
