"""DICOM: from files, folders and zips to series, and from a series to a volume in HU."""
