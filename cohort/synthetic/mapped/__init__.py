"""Heads made from label maps of real ones: people have the anatomy, the generator adds the rest."""
