"""A plain reader and writer of safetensors files: JSON and NumPy, nothing else."""
import json
import struct

import numpy

TYPES = {
    "F64": numpy.float64,
    "F32": numpy.float32,
    "F16": numpy.float16,
    "I64": numpy.int64,
    "I32": numpy.int32,
}
NAMES = {numpy.dtype(dtype): name for name, dtype in TYPES.items()}


def read(path):
    """The arrays of a file by name, and its metadata."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    metadata = header.pop("__metadata__", {})
    arrays = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        arrays[name] = numpy.frombuffer(data[start:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
    return arrays, metadata


def write(path, arrays, metadata):
    """Writes arrays by name, and metadata."""
    header = {"__metadata__": metadata}
    parts = []
    offset = 0
    for name, array in arrays.items():
        part = numpy.ascontiguousarray(array).tobytes()
        header[name] = {
            "dtype": NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(part)],
        }
        parts.append(part)
        offset += len(part)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))
