"""Addresses, hospitals and employers, by how places and institutions are called."""
