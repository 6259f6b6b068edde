"""What each DICOM series is, and which one of a study is measured."""
