"""The folder of a model that is given away: small weights, metadata with errors, model card."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import yaml

from cohort.base.errors import DataError
from cohort.base.files import atomic_folder, write_json, write_text
from imaging.boxing.card import model_card
from imaging.boxing.errors import errors_of_test
from imaging.boxing.figures import figures_of, read_figures, read_scores
from imaging.boxing.recipe import Recipe
from imaging.boxing.weights import HalvedMasks, compare_halved, halved
from imaging.model.bundle import load_bundle, write_plain
from imaging.model.channels import own_network
from imaging.model.folder import CARD, CONFIG, METADATA, WEIGHTS

NOT_ON_CARD = ("tests", "figures", "trained_on", "withheld")
LARGEST_MB = 10.0
"""Of the folder: it goes into the repository and into the package."""


def box_model(
    model: Path,
    output: Path,
    version: str,
    recipe_file: Path,
    say: Callable[[str], None] = lambda _: None,
    compare: Callable[..., HalvedMasks] = compare_halved,
) -> dict[str, Any]:
    """Write a trained model to the folder `output`, ready to be given away.

    Parameters
    ----------
    model
        Folder of the trained model.
    output
        Folder to write; a model that is there is replaced. Its name becomes the model's.
    version
        The model's.
    recipe_file
        What is said about it (`Recipe`). Files that it names are found from the current folder.
    say
        Called with each sentence that the user should know.
    compare
        How halved weights are compared with the full ones.

    Returns
    -------
    dict
        The metadata.

    Raises
    ------
    DataError
        If a file is missing or wrong, figures are those of other weights, or the folder would be
        too large.
    """
    bundle = load_bundle(model)
    recipe = Recipe.load(recipe_file)
    source = hashlib.sha256((model / WEIGHTS).read_bytes()).hexdigest()
    figures = []
    errors = None
    for test in recipe.tests:
        scores = Path(test.scores)
        summary = read_scores(scores)
        if summary.weights_sha256 is None:
            say(f"{scores}: does not say of which weights it is; make sure that it is of {model}.")
        elif summary.weights_sha256 != source:
            raise DataError(
                f"{scores}: holds the scores of other weights than {model}'s; run "
                "`hich evaluate` on them."
            )
        figures += figures_of(summary, test.what)
        errors = errors or errors_of_test(scores, summary, test.what)
    for name in recipe.figures:
        figures += read_figures(Path(name))
    learnt = _withheld(bundle.metadata.get("learnt"), recipe.withheld, recipe_file)
    # What is withheld has no mask that could differ.
    found = compare(replace(bundle, metadata={**bundle.metadata, "learnt": learnt}))
    weights = {k: v.detach().cpu() for k, v in own_network(bundle.network).state_dict().items()}
    said = asdict(recipe)
    metadata = {
        **bundle.metadata,
        "name": output.resolve().name,
        "version": version,
        "trained_on": recipe.trained_on,
        "learnt": learnt,
        "errors": asdict(errors) if errors else None,
        "card": {
            **{key: said[key] for key in said if key not in NOT_ON_CARD},
            "figures": [asdict(figure) for figure in figures],
        },
    }
    with atomic_folder(output, METADATA) as temporary:
        (temporary / WEIGHTS).parent.mkdir()
        write_plain(temporary / WEIGHTS, halved(weights) if found.lossless else weights)
        metadata["weights"] = {
            "bits": 16 if found.lossless else 32,
            "sha256": hashlib.sha256((temporary / WEIGHTS).read_bytes()).hexdigest(),
            "made_of_sha256": source,
            "compared_on": found.cases,
            "differing_voxels": found.differing,
            "of_voxels": found.of,
        }
        text = yaml.safe_dump(bundle.config, allow_unicode=True, sort_keys=False, width=100)
        write_text(temporary / CONFIG, text)
        write_json(temporary / METADATA, metadata)
        write_text(temporary / CARD, model_card(metadata))
        size = sum(path.stat().st_size for path in temporary.rglob("*") if path.is_file()) / 1e6
        if size > LARGEST_MB:
            raise DataError(
                f"{output}: would be {size:.1f} MB, and {LARGEST_MB:g} MB are the most; train a "
                "smaller network."
            )
    return metadata


def _withheld(learnt: Mapping[str, Any] | None, reasons: Mapping[str, str], recipe: Path) -> Any:
    """Return what a model has learnt, with why it isn't believed about some of it."""
    if not reasons:
        return learnt
    learnt = learnt or {}
    if unknown := sorted(set(reasons) - set(learnt)):
        raise DataError(
            f"{recipe}: 'withheld' names {unknown[0]}; the model doesn't say that it learnt that."
        )
    return {
        name: {**lesson, "withheld": reasons[name].rstrip(".")} if name in reasons else lesson
        for name, lesson in learnt.items()
    }
