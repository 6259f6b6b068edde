"""Predicted masks judged by reference masks."""
