"""`hich`: one command that the others stand behind."""
