"""Loading a spaCy pipeline, with what can be wrong about it said in a sentence."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from cohort.base.errors import DataError
from text.model.device import use_device
from text.model.named import require_pipeline

if TYPE_CHECKING:
    from spacy.language import Language

# What registers a component or an architecture whose name begins so.
_PACKAGES = {
    "transformer": "spacy-transformers",
    "spacy-transformers": "spacy-transformers",
    "curated_transformer": "spacy-curated-transformers",
    "spacy-curated-transformers": "spacy-curated-transformers",
    "llm": "spacy-llm",
    "hich": "hich-workflow (this project)",
}


def load_pipeline(model: str, device: str | int = "cpu") -> Language:
    """Load the pipeline in the folder `model`, or installed under that name.

    Raises
    ------
    DataError
        If there is none, it is of another version of spaCy, needs a package that is not
        installed, or cannot be loaded.
    UsageError
        If there is no such GPU, or CuPy is not installed.
    """
    import spacy

    use_device(device)
    require_pipeline(model)
    _refuse_other_spacy(model)
    try:
        return spacy.load(model)
    except Exception as error:  # each damaged file raises an error of its own kind
        raise DataError(f"{model}: {_sentence(error)}") from error


def finders(nlp: Language) -> list[str]:
    """Return the names of the components that find entities."""
    return [name for name in nlp.pipe_names if "doc.ents" in nlp.get_pipe_meta(name).assigns]


def known_labels(nlp: Language) -> list[str]:
    """Return the labels of entities that the pipeline knows."""
    return sorted({label for name in finders(nlp) for label in nlp.pipe_labels.get(name, ())})


def _refuse_other_spacy(model: str) -> None:
    """Refuse a pipeline of another spaCy, of which spaCy only warns before it fails somewhere."""
    from spacy import util
    from spacy.about import __version__

    folder = Path(model)
    if not folder.exists() and util.is_package(model):
        folder = util.get_package_path(model)
    try:
        wanted = str(
            json.loads((folder / "meta.json").read_text(encoding="utf-8"))["spacy_version"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return  # loading it says what is wrong
    if wanted and not util.is_compatible_version(__version__, wanted):
        versions = f"=={wanted}" if wanted[0].isdigit() else wanted
        raise DataError(
            f"{model}: the pipeline was trained with another spaCy ({wanted}; here is "
            f"{__version__}); train it again here, or install its own: `pip install "
            f'"spacy{versions}"`.'
        )


def missing_package(message: str) -> str | None:
    """Return what to install, if `message` is spaCy's about a name that it doesn't know."""
    missing = re.match(
        r"\[E002\] Can't find factory for '([^']+)'|\[E893\] Could not find function '([^']+)'",
        message,
    )
    if not missing:
        return None
    name = missing[1] or missing[2]
    first = name.split(".")[0]  # spacy-transformers.TransformerModel.v3
    package = _PACKAGES.get(first) or _PACKAGES.get(first.split("_")[0])
    return f"the pipeline needs {name!r}, which no installed package has; install " + (
        package or "the package that it was trained with"
    )


def _sentence(error: Exception) -> str:
    message = " ".join(str(error).split())
    known = missing_package(message)
    return f"{known}." if known else f"the spaCy pipeline cannot be loaded ({message[:300]})."
