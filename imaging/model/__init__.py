"""A model as a MONAI bundle: its configuration, network, rules for masks, what it learnt."""
