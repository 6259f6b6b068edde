from cohort.base.errors import DataError as DataError
from cohort.base.errors import Problem as Problem
from cohort.base.errors import UsageError as UsageError
from imaging.prediction.segmented import SegmentedScan as SegmentedScan
from imaging.segmenter import Segmenter as Segmenter
from text.reader import Reader as Reader
from text.reader import ReadRecord as ReadRecord

__version__: str
