"""The files that one half writes and others read: manifest and split."""
