"""`python -m hich.report`."""

from cohort.base.cli import run
from hich.report.build import main

run(main, extra_arguments=True)
