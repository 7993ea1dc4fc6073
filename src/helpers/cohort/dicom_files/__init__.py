"""DICOM files of single radiographs: found, sorted by their headers, and displayed as the standard says."""
