"""Trains the network of `text.components.deidentify.learned` on notes of people who don't exist."""
