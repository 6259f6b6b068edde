"""DICOM files: found, parsed, grouped to series; their grid and their pixels."""
