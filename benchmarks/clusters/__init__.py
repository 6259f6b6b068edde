"""Small clusters on this machine, and what a process on them needs."""
