"""The pipeline of rules: sections and findings, nothing trained, and so no entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from text.model.pipeline import finders, load_pipeline

if TYPE_CHECKING:
    from spacy.language import Language

ENTITIES = "entities"
"""What cannot be told without a recogniser, as results call it."""

RULES_ONLY = (
    "they were not looked for, since no trained pipeline was named; sections and findings are by "
    "rules."
)


def pipeline_or_rules(model: str | None, gpu_id: int = -1) -> Language:
    """Load the pipeline that was named, or make that of rules for None; raises as `load_pipeline`.

    The rules' one has `hich_sections` and `hich_findings`, as every pipeline that is trained by
    this project's configurations ends with.
    """
    if model is not None:
        return load_pipeline(model, gpu_id)
    import spacy

    import text.components.findings.component
    import text.components.sections  # noqa: F401  (each registers its component)

    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_sections")
    nlp.add_pipe("hich_findings")
    return nlp


def untold_by(nlp: Language, model: str | None) -> dict[str, str]:
    """Return what a pipeline cannot tell of records, with the reason."""
    if model is None:
        return {ENTITIES: RULES_ONLY}
    if not finders(nlp):
        return {
            ENTITIES: f"they were not looked for: the pipeline {nlp.meta['name']} has no component "
            "that finds any."
        }
    return {}
