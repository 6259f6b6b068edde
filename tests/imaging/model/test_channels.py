"""A model's own channels, whatever today's registry is."""

from __future__ import annotations

import torch

from cohort.facts.structures import STRUCTURE_IDS
from imaging.model.channels import NOWHERE, align_channels
from imaging.model.learnt import known_to, not_learnt, structures_of


def test_channels_come_in_the_order_of_the_registry_and_what_is_missing_is_nowhere() -> None:
    network = torch.nn.Conv2d(3, 3, 1)
    image = torch.rand(2, 3, 4, 4)
    own = ["midline", "fourth_ventricle", "hematoma"]
    logits, aligned = network(image), align_channels(network, own)(image)
    assert aligned.shape == (2, len(STRUCTURE_IDS), 4, 4)
    for channel, name in enumerate(STRUCTURE_IDS):
        if name in own:
            torch.testing.assert_close(aligned[:, channel], logits[:, own.index(name)])
        else:
            assert (aligned[:, channel] == NOWHERE).all()
    assert align_channels(network, STRUCTURE_IDS) is network


def test_a_structure_that_a_model_has_no_channel_for_is_not_known_to_it() -> None:
    metadata = {"structures": ["midline", "hematoma"]}
    assert structures_of(metadata) == ("midline", "hematoma")
    assert known_to(metadata) == ("hematoma", "midline")
    lacking = not_learnt(metadata)
    assert set(lacking) == set(STRUCTURE_IDS) - {"midline", "hematoma"}
    assert lacking["edema"] == "the model has not learnt it: it has no channel for it."
    assert structures_of({}) == ("hematoma", "midline", "ventricle_left", "ventricle_right")
