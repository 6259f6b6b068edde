"""The model in the box: one folder like `model-best`, with its model card; no code.

`python -m imaging.box` writes it, `imaging.model.folder` finds it.
"""
