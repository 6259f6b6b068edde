"""The log of a training, and its learning curve."""
