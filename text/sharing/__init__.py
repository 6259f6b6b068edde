"""Records without identities: read, replaced, looked over once more, written."""
