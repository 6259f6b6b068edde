"""Ends what shards have begun: tables and files as one machine makes them."""
