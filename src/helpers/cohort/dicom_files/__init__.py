"""DICOM files of single radiographs: found, told apart by their headers, and shown as the standard says."""
