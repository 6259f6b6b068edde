"""A trained model made ready to be given away: small weights, known errors, a model card."""
