"""The network that a configuration describes, built without running anything else.

A model folder comes from others, so that what it says of its network is read as data: the full
name of a class, and arguments in plain values. The class must be one of `NETWORKS_FROM`; MONAI's
parser of configurations, which finds any function by way of a module's attributes and evaluates
expressions, takes no part in it. A training configuration is another thing: its other sections
are a program (`imaging.training.build`).
"""

from __future__ import annotations

import copy
import importlib
import inspect
from collections.abc import Mapping
from typing import Any

import torch

from cohort.base.errors import DataError, reason

NETWORKS_FROM = {
    "monai.networks.nets": "monai.networks.nets.",
    "torch.nn": "torch.nn.modules.",
    "imaging": "imaging.",
}
"""Package that a network's name may begin with, to where its class must be defined."""
FETCHING = ("monai.networks.nets.transchex", "monai.networks.nets.cell_sam_wrapper")
"""Modules whose networks fetch or read weights whenever they are built."""


def build_network(config: Mapping[str, Any]) -> torch.nn.Module:
    """Build the network of the section `network_def` of a configuration.

    Raises
    ------
    DataError
        If the section names something else than a network, has arguments that are not plain
        values, would fetch weights, or cannot be built.
    """
    definition = config.get("network_def")
    if not isinstance(definition, dict) or not _is_plain_section(definition):
        raise DataError(
            f"'network_def' must name a network in '_target_' (of {', '.join(NETWORKS_FROM)}) "
            "and give its arguments as plain values."
        )
    arguments = copy.deepcopy({name: v for name, v in definition.items() if name != "_target_"})
    network = _network_class(definition["_target_"])
    _refuse_fetching(network, arguments)
    try:
        return network(**arguments)
    except Exception as error:  # whatever the network's constructor makes of wrong arguments
        raise DataError(f"the network of 'network_def' can't be built: {reason(error)}.") from None


def _network_class(name: str) -> type[torch.nn.Module]:
    """Return the class of a full name: an attribute of a module, and of nothing on the way."""
    place, _, own = name.rpartition(".")
    root = next((one for one in NETWORKS_FROM if f"{place}.".startswith(f"{one}.")), None)
    if root is None or not all(part.isidentifier() for part in name.split(".")):
        raise DataError(
            f"'network_def' must name a network in '_target_' (of {', '.join(NETWORKS_FROM)}), "
            f"not {name!r}."
        )
    try:
        # Submodules alone: what a module has imported for itself is not found.
        found = vars(importlib.import_module(place)).get(own)
    except ImportError:
        found = None
    if found is None:
        raise DataError(f"the network of 'network_def' can't be built: there is no {name}.")
    if (
        not isinstance(found, type)
        or not issubclass(found, torch.nn.Module)
        or not found.__module__.startswith(NETWORKS_FROM[root])
    ):
        raise DataError(
            f"'network_def' must name a network in '_target_'; {name} is not one of {root}."
        )
    return found


def _refuse_fetching(network: type[torch.nn.Module], arguments: Mapping[str, Any]) -> None:
    """Refuse what would load weights from elsewhere: a model's own lie in its folder."""
    if network.__module__.startswith(FETCHING):
        raise DataError(
            f"'network_def' must name a network that loads no weights; {network.__name__} does."
        )
    parameters = inspect.signature(network).parameters.values()
    usual = {one.name: one.default for one in parameters if one.default is not one.empty}
    for name, value in {**usual, **arguments}.items():
        if _fetches(name) and value:
            raise DataError(
                f"'network_def' must not load weights from elsewhere: set '{name}' to "
                f"{'false' if isinstance(value, bool) else 'null'}."
            )


def _fetches(name: str) -> bool:
    return name in ("pretrained", "weights", "checkpoint") or name.endswith(("_url", "_path"))


def _is_plain_section(definition: Mapping[Any, Any]) -> bool:
    if not isinstance(definition.get("_target_"), str):
        return False
    return _is_plain({name: value for name, value in definition.items() if name != "_target_"})


def _is_plain(value: Any) -> bool:
    """Whether a value means nothing but itself, to MONAI's parser as well."""
    if isinstance(value, dict):
        return all(
            isinstance(key, str) and not key.startswith(("_", "$", "@", "%")) and _is_plain(item)
            for key, item in value.items()
        )
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, str):
        return not value.startswith(("$", "@", "%", "__local_refs__"))
    return value is None or isinstance(value, (bool, int, float))
