"""`python -m hich.report`."""

from cohort.base.cli import run
from hich.report.build import main

if __name__ == "__main__":
    run(main, extra_arguments=True)
