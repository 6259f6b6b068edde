"""`python -m hich.patient`."""

from cohort.base.cli import run
from hich.patient.build import main
from imaging.model.threads import let_threads_sleep

if __name__ == "__main__":
    let_threads_sleep()
    run(main)
