"""Studies of DICOM files, and masks drawn on their series, as cases of a cohort."""
