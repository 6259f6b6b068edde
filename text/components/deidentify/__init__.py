"""Identities in records: where they stand, and what stands in for them.

The folder travels in a pipeline's wheel with the other components and imports spaCy, where it does,
and the standard library only. `lists.json` holds surnames, places, headings and words, and says
where they are from.
"""
