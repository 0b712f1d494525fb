"""Plain values cross whole; nothing else crosses, whatever a sheet sends."""

import base64
import json
import math
import pickle

import numpy as np
import pytest
import torch

from notebooks.assignments.grading import codec


def there_and_back(value):
    return codec.decode(json.loads(codec.line(codec.encode(value))))


@pytest.mark.parametrize(
    "value",
    [None, True, 7, -1.5, math.inf, "a\nb ∇ \ud800", [1, [2.0, "x"]], (1, (2,)), {"a": [1], "b": {}}, []],
)
def test_plain_value_comes_back(value):
    back = there_and_back(value)
    assert back == value and type(back) is type(value)


@pytest.mark.parametrize("dtype", ["?", "i1", "u8", "i4", ">f8", "f4", "f2", "c16", np.longdouble])
@pytest.mark.parametrize("shape", [(3,), (2, 0), (2, 3, 4)])
def test_array_comes_back_writable(dtype, shape):
    array = (np.arange(math.prod(shape)).reshape(shape) % 3).astype(dtype)
    back = there_and_back(array)
    np.testing.assert_array_equal(back, array)
    assert back.dtype == array.dtype.newbyteorder("=") and back.flags.writeable


def test_numpy_scalar_and_nan_come_back():
    assert type(there_and_back(np.float32(1.5))) is np.float32
    assert math.isnan(there_and_back(math.nan))


def test_transposed_array_comes_back():
    array = np.arange(6.0).reshape(2, 3).T
    np.testing.assert_array_equal(there_and_back(array), array)


def test_tensor_comes_back_without_its_graph():
    tensor = torch.arange(3.0, dtype=torch.float64, requires_grad=True)
    back = there_and_back(2 * tensor)
    assert torch.equal(back, 2 * tensor.detach()) and not back.requires_grad


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (object(), "a object"),
        (len, "a builtin_function_or_method"),
        ({1: 2}, "keys"),
        ({1, 2}, "a set"),
        (np.array([object()]), "an array of object"),
        (np.array(["x"]), "an array of <U1"),
        (np.zeros(2, "datetime64[s]"), "an array of datetime64"),
    ],
)
def test_what_is_not_plain_is_named(value, said):
    with pytest.raises(TypeError, match=said):
        codec.encode(value)


def packed(name, shape, data):
    return {"array": [name, shape, base64.b64encode(data).decode()]}


@pytest.mark.parametrize(
    "form",
    [
        [1],
        {},
        {"list": [1], "tuple": [2]},
        {"list": "abc"},
        {"dict": [1]},
        {"object": 1},
        packed("|O", [1], pickle.dumps(len)),
        packed("<f8", [2], bytes(8)),
        packed("<f8", [10**12], bytes(8)),
        packed("<f8", [-1], bytes(8)),
        packed("<f8", [2**32, 2**32], b""),
        packed("<f8", [True], bytes(8)),
        packed("<f8", [1.0], bytes(8)),
        packed("<f8", [1] * 40, bytes(8)),
        packed("|V0", [10**9], b""),
        packed("<f8,<f8", [1], bytes(16)),
        packed(["<f8"], [1], bytes(8)),
        {"array": ["<f8", [1], "no base64!"]},
        {"array": ["<f8", [1], 7]},
        {"array": "<f8"},
        2**2000,
    ],
)
def test_forged_form_is_refused(form):
    with pytest.raises((ValueError, TypeError)):
        codec.decode(form)


def test_nesting_ends():
    form = 1
    for _ in range(codec.DEPTH + 1):
        form = {"list": [form]}
    with pytest.raises(ValueError, match="lists in lists"):
        codec.decode(form)


def test_bytes_of_a_boolean_are_made_true_or_false():
    found = codec.decode(packed("|b1", [3], bytes([0, 1, 255])))
    assert found.view(np.uint8).tolist() == [0, 1, 1]
