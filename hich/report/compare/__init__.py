"""What the CT measures against what the record says, aspect by aspect."""
