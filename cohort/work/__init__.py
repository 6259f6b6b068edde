"""One engine for work on many items: in shards, taken up again, on one machine or on many."""
