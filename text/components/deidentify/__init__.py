"""Identities in records: where they stand, and what stands in for them.

The folder travels in a pipeline's wheel with the other components and imports spaCy, where it does,
NumPy, which spaCy brings, and the standard library only. `lists.json` holds surnames, places,
headings and words (`ordinary_words` says where they are from), `learned/network.json` the network
that judges names (`python -m text.training.names.train` makes it).
"""
