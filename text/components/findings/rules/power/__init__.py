"""The power of the limbs."""
