"""Evidence of findings as entities to be corrected, in the labels of whoever corrects them."""
