"""The pipeline of rules: sections and findings, nothing trained, and so no entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort.base.devices import parse_device
from text.model.pipeline import finders, load_pipeline

if TYPE_CHECKING:
    from spacy.language import Language

ENTITIES = "entities"
"""What cannot be told without a recogniser, as results call it."""

RULES_ONLY = (
    "they were not looked for, since no trained pipeline was named; sections and findings are by "
    "rules."
)


def rules_pipeline() -> Language:
    """Return the pipeline of rules.

    It has `hich_sections` and `hich_findings`, as every pipeline that is trained by this project's
    configurations ends with.
    """
    import spacy

    # Registered with spaCy when imported, also where this project isn't installed.
    from text.components import sections  # noqa: F401
    from text.components.findings import component  # noqa: F401

    nlp = spacy.blank("zh")  # a token for each character, as the trained pipelines have them
    nlp.add_pipe("hich_sections")
    nlp.add_pipe("hich_findings")
    return nlp


def pipeline_or_rules(model: str | None, device: str | int = "cpu") -> Language:
    """Load the pipeline that was named, or make that of rules for None; raises as `load_pipeline`.

    The rules need no GPU; what is no name of a device is refused all the same.
    """
    if model is not None:
        return load_pipeline(model, device)
    parse_device(device)
    return rules_pipeline()


def untold_by(nlp: Language, model: str | None) -> dict[str, str]:
    """Return what a pipeline cannot tell of records, with the reason.

    `model` is what was named to load it, None for the rules.
    """
    name = nlp.meta["name"]
    untold = {
        part: f"they were not looked for: the pipeline {name} has no {component}."
        for part, component in (("sections", "hich_sections"), ("findings", "hich_findings"))
        if component not in nlp.pipe_names
    }
    if model is None:
        untold[ENTITIES] = RULES_ONLY
    elif not finders(nlp):
        untold[ENTITIES] = (
            f"they were not looked for: the pipeline {name} has no component that finds any."
        )
    return untold
