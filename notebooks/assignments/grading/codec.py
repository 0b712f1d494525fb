"""Plain values as JSON: numbers, strings, lists, dicts, arrays. Nothing that could run is ever decoded.

What NumPy takes for numbers (a Series, Fractions, an array of objects) crosses as an array of them, so that
tests say here what they say in the sheet. Both sides of the wall use it; only ``decode`` meets what a sheet
has sent, and trusts none of it.
"""

import base64
import json
import math

import numpy as np

DTYPES = {
    *("|b1", "|i1", "|u1", "<i2", "<i4", "<i8", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"),
    "<f16",  # np.longdouble, where the machine has one
}
DEPTH = 32  # of lists in lists
BITS = 1023  # of a whole number: more is no float


def encode(value):
    """Return a JSON-ready form of ``value``; raises ``TypeError``, naming the type, for what is not plain."""
    if value is None or isinstance(value, (bool, int, str)) or type(value) is float:
        return value
    if isinstance(value, (list, tuple)):
        return {"list" if isinstance(value, list) else "tuple": [encode(x) for x in value]}
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("a dict whose keys are not all strings")
        return {"dict": {key: encode(x) for key, x in value.items()}}
    if type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "detach"):
        return {"tensor": _packed(value.detach().cpu().resolve_conj().resolve_neg().numpy())}
    return {"array": _packed(_numbers(value))}


def decode(form, depth=0):
    """Return the value of ``encode``'s form; raises ``ValueError`` for any other."""
    if depth > DEPTH:
        raise ValueError(f"more than {DEPTH} lists in lists")
    if type(form) is int and form.bit_length() > BITS:
        raise ValueError("a whole number beyond all floats")
    if form is None or isinstance(form, (bool, int, float, str)):
        return form
    if not isinstance(form, dict) or len(form) != 1:
        raise ValueError("not an encoded value")
    (kind, body), = form.items()  # fmt: skip
    if kind in ("list", "tuple") and isinstance(body, list):
        return (list if kind == "list" else tuple)(decode(x, depth + 1) for x in body)
    if kind == "dict" and isinstance(body, dict):
        return {key: decode(x, depth + 1) for key, x in body.items()}
    if kind == "array":
        return _unpacked(body)[()]
    if kind == "tensor":
        import torch

        return torch.from_numpy(_unpacked(body))
    raise ValueError(f"not an encoded value: {kind!r:.40}")


def line(message):
    """Return a message as one line of JSON, bytes."""
    return json.dumps(message).encode() + b"\n"


def _numbers(value):
    """Return ``value`` as an array, of floats where it holds objects or text; raises ``TypeError``."""
    array = np.asarray(value)
    try:
        return array.astype(float) if array.dtype.kind in "OU" else array
    except (TypeError, ValueError):
        what = f"an array of {array.dtype}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
        raise TypeError(what) from None


def _packed(array):
    name = array.dtype.newbyteorder("<").str
    if name not in DTYPES:
        raise TypeError(f"an array of {array.dtype}")
    return [name, list(array.shape), base64.b64encode(array.astype(name).tobytes()).decode()]


def _unpacked(body):
    """Return the array; its size is checked against its bytes before anything is reserved for it."""
    if not (isinstance(body, list) and len(body) == 3):
        raise ValueError("not an array")
    name, shape, text = body
    if not isinstance(name, str) or name not in DTYPES:
        raise ValueError(f"an array of {name!r:.40}")
    if not isinstance(shape, list) or len(shape) > 16 or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError("an array of no shape")
    data, dtype = base64.b64decode(text, validate=True), np.dtype(name)
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ValueError("an array whose shape does not fit its bytes")
    if dtype.kind == "b":  # only bytes 0 and 1 are booleans to NumPy
        return (np.frombuffer(data, np.uint8) != 0).reshape(shape)
    return np.frombuffer(data, dtype).reshape(shape).copy()
