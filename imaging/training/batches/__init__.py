"""What the trainer is given: patches, put together and changed at random."""
