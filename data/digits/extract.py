"""Writes digits.idx from scikit-learn's copy of the UCI optical digits.

    python -m venv /tmp/digits && /tmp/digits/bin/pip install scikit-learn
    /tmp/digits/bin/python data/digits/extract.py

The result is an idx file of unsigned bytes with the shape (1797, 65): 64 pixels 0..16, row by row, then the digit 0..9.
"""

import pathlib
import struct

import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
records = np.column_stack([digits.data, digits.target])
assert records.shape == (1797, 65)
assert np.array_equal(records, records.astype(np.uint8))
assert records[:, :64].max() == 16 and records[:, 64].max() == 9

header = struct.pack(">HBBII", 0, 0x08, records.ndim, *records.shape)
pathlib.Path(__file__).with_name("digits.idx").write_bytes(header + records.astype(np.uint8).tobytes())
