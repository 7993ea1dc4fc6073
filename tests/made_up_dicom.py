"""Small DX files as a hospital's archive holds them, with the attributes that identify a patient."""

import numpy as np
import pydicom
from pydicom.dataset import FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

RAMP = np.arange(400, dtype=np.uint16).reshape(20, 20) * 10


def made_up_dicom(name, pixels=RAMP, syntax=ExplicitVRLittleEndian, **changes) -> pydicom.Dataset:
    """A data set of a PA chest, 12 of 16 bits; ``changes`` set attributes, or with None leave them out."""
    data = pydicom.Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = syntax
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[name])
    data.PatientName, data.PatientID, data.PatientBirthDate = "Doe^Jane", f"MRN{name.split('.')[0]}", "19600101"
    data.StudyDate, data.AccessionNumber, data.InstitutionName = "20240102", "ACC77", "General Hospital"
    data.Modality, data.ViewPosition, data.PatientAge, data.PatientSex = "DX", "PA", "045Y", "F"
    data.Rows, data.Columns = pixels.shape[:2]
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    data.PixelData = pixels.astype("<u2" if syntax.is_little_endian else ">u2").tobytes()
    data["PixelData"].VR = "OW"
    for key, value in changes.items():
        if value is None:
            delattr(data, key)
        else:
            setattr(data, key, value)
    return data


def write_dicom(path, pixels=RAMP, **changes) -> pydicom.Dataset:
    """Write ``made_up_dicom`` to a file."""
    data = made_up_dicom(path.name, pixels, **changes)
    data.save_as(path, enforce_file_format=True)
    return data


def lookup_item(descriptor, data, vr="OW", first_vr="US", **more) -> pydicom.Dataset:
    """An item of a lookup table sequence."""
    item = pydicom.Dataset()
    item.add_new("LUTDescriptor", first_vr, list(descriptor))
    item.add_new("LUTData", vr, data)
    for key, value in more.items():
        setattr(item, key, value)
    return item
