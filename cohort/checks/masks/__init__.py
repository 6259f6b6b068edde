"""Masks compared with the image that they are said to be of."""
