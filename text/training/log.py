"""A logger for `spacy train` that keeps the training's log, and draws it when the training ends.

It is spaCy's own ConsoleLogger; what is added is that an earlier training's log makes room for
the new one (ConsoleLogger keeps the old file and writes nothing), that the learning curve stands
beside the log, as it does in the imaging half, that `provenance.json` there says how the model was
made, and that a full disk is said in a sentence.
"""

# Without `from __future__ import annotations`: spaCy checks the configuration by the types.
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, NoReturn, Optional

from spacy.language import Language
from spacy.training.loggers import console_logger_v3
from spacy.util import registry

from cohort.base.files import DISK_FULL

MODEL = "model-best"
"""Where `spacy train` saves the best model, in its output folder."""

Setup = Callable[[Language, IO[str], IO[str]], tuple[Callable[..., None], Callable[[], None]]]


@registry.loggers("hich.TrainingLog.v1")
def training_log(path: Optional[str], progress_bar: Optional[str] = None) -> Setup:  # noqa: UP045
    """Log to the console, to the file `path` and, when the training ends, to a picture beside it.

    Parameters
    ----------
    path
        File to write, a JSON object for each evaluation (see `text.training.learning_curve`). None
        for the console alone: `spacy train` doesn't tell a logger which folder it writes to.
    progress_bar
        As in spaCy's `ConsoleLogger.v3`: None, "train" or "eval".
    """

    def setup(
        nlp: Language, stdout: IO[str] = sys.stdout, stderr: IO[str] = sys.stderr
    ) -> tuple[Callable[..., None], Callable[[], None]]:
        if path is None:
            return console_logger_v3(progress_bar)(nlp, stdout, stderr)
        from cohort.base.learning_curve import PICTURE
        from text.training.learning_curve import draw_training, read_log

        log, picture = Path(path), Path(path).with_name(PICTURE)
        for earlier in (log, picture):
            earlier.unlink(missing_ok=True)
        log_step, close = console_logger_v3(progress_bar, output_file=log)(nlp, stdout, stderr)

        def finalize() -> None:
            failed = sys.exc_info()[1]  # what ends the training, such as a model without room
            if isinstance(failed, OSError) and failed.errno in DISK_FULL:
                with suppress(OSError):
                    close()
                _say_and_exit(failed, log.parent)
            try:
                close()
                if log.stat().st_size:  # empty where training failed before its first evaluation
                    draw_training(picture, read_log(log))
                if failed is None and (log.parent / MODEL).is_dir():
                    _note(nlp, log, picture)
            except OSError as error:
                _say_and_exit(error, log)

        return log_step, finalize

    return setup


def _note(nlp: Language, log: Path, picture: Path) -> None:
    """Note how the best model was made, if it is beside the log: it is complete by now."""
    from thinc.api import CupyOps, get_current_ops

    from cohort.provenance.note import note_made

    config = nlp.config.interpolate()  # the seed is `${system.seed}`
    paths = config["paths"]
    seed = config["training"]["seed"]  # None: of nothing
    named = (paths.get("train"), paths.get("dev"), paths.get("init_tok2vec"), paths.get("vectors"))
    # `spacy train` hands its configuration on without the file's name.
    words = sys.argv[2:] if sys.argv[1:2] == ["train"] else []
    note_made(
        log.parent,
        [MODEL, log.name, picture.name],
        of=[name for name in named if isinstance(name, str)],
        config=[Path(word) for word in words[:1] if Path(word).is_file()],
        seeds={} if seed is None else {"training": int(seed)},
        device="cuda" if isinstance(get_current_ops(), CupyOps) else "cpu",
    )


def _say_and_exit(error: OSError, where: Path) -> NoReturn:
    """End `spacy train` with a sentence, where it would show a traceback."""
    remedy = "; make room there and train again" if error.errno in DISK_FULL else ""
    print(f"✘ {error.filename or where}: {error.strerror or error}{remedy}.", file=sys.stderr)
    raise SystemExit(1)
