"""The Sobolev loss: its definition, its gradient, and that weight zero is plain TD."""

import numpy as np
import pytest
import torch

from sobolev_mini.losses import sobolev_loss
from sobolev_mini.targets import Target

NAN = float("nan")


def sample(shape=(7,), n_s=3, n_a=2, seed=0):
    g = torch.Generator().manual_seed(seed)

    def draw(*size):
        return torch.randn(*size, generator=g, dtype=torch.float64)

    target = Target(draw(*shape), draw(*shape, n_s), draw(*shape, n_a))
    leaves = [draw(*shape), draw(*shape, n_s), draw(*shape, n_a)]
    return [x.requires_grad_() for x in leaves], target


def test_definition():
    """eq-03-loss and eq-04-loss, term by term: mean over the batch, sum over components."""
    (q, q_s, q_a), t = sample()
    loss, info = sobolev_loss(q, q_s, q_a, t, 0.5, 2.0)
    by_hand = 0.0
    with torch.no_grad():
        for i in range(7):
            by_hand += float((q[i] - t.y[i]) ** 2)
            by_hand += 0.5 * float(((q_s[i] - t.y_s[i]) ** 2).sum())
            by_hand += 2.0 * float(((q_a[i] - t.y_a[i]) ** 2).sum())
    assert loss.item() == pytest.approx(by_hand / 7)
    assert loss.item() == pytest.approx(float(info["value"] + 0.5 * info["slope_s"] + 2 * info["slope_a"]))


def test_gradient_against_autograd_s_own_check():
    leaves, t = sample()
    mask = torch.tensor([True, False] * 3 + [True])
    lam_s = torch.tensor([0.1, 0.0, 2.0])
    assert torch.autograd.gradcheck(lambda *x: sobolev_loss(*x, t, lam_s, 0.7, mask)[0], leaves)


@pytest.mark.parametrize("broken", [False, True])
def test_lambda_zero_is_plain_td_bit_for_bit(broken):
    (q, q_s, q_a), t = sample()
    if broken:
        t = Target(t.y, torch.full_like(t.y_s, NAN), torch.full_like(t.y_a, torch.inf))
    loss, _ = sobolev_loss(q, q_s * NAN if broken else q_s, q_a, t, 0, 0)
    plain = ((q - t.y) ** 2).mean()
    assert torch.equal(loss, plain)
    (slope,), (wanted,) = torch.autograd.grad(loss, q), torch.autograd.grad(plain, q)
    assert torch.equal(slope, wanted)
    assert torch.equal(sobolev_loss(q, None, None, t, 0.0, torch.zeros(2))[0], plain)


def test_nan_slopes_that_do_not_count_reach_neither_loss_nor_gradient():
    (q, q_s, q_a), t = sample()
    mask = torch.ones(7, dtype=torch.bool)
    mask[2] = False
    broken = Target(t.y, t.y_s.clone(), t.y_a.clone())
    broken.y_s[2], broken.y_a[2] = NAN, torch.inf
    broken.y_s[:, 1] = NAN  # and one component has weight 0
    lam_s = torch.tensor([1.0, 0.0, 1.0])
    loss, info = sobolev_loss(q, q_s, q_a, broken, lam_s, 1.0, mask)
    clean, _ = sobolev_loss(q, q_s, q_a, t, lam_s, 1.0, mask)
    assert torch.equal(loss, clean)
    assert info["slope_s"].isfinite()
    for x, y in zip(
        torch.autograd.grad(loss, (q, q_s, q_a)), torch.autograd.grad(clean, (q, q_s, q_a)), strict=True
    ):
        assert torch.equal(x, y)
        assert (x[2] == 0).all() or x.ndim == 1
    value_gradient = torch.autograd.grad(((q - t.y) ** 2).mean(), q)[0]
    assert torch.equal(
        torch.autograd.grad(sobolev_loss(q, q_s, q_a, broken, lam_s, 1, mask)[0], q)[0], value_gradient
    )


def test_seeds_are_separate_problems():
    (q, q_s, q_a), t = sample((4, 7))
    loss, info = sobolev_loss(q, q_s, q_a, t, 1.0, 0.5)
    each = [
        sobolev_loss(q[i], q_s[i], q_a[i], Target(t.y[i], t.y_s[i], t.y_a[i]), 1.0, 0.5)[0] for i in range(4)
    ]
    assert loss.item() == pytest.approx(sum(each).item())
    assert info["value"].shape == (4,)


def test_a_weight_per_component():
    (q, q_s, q_a), t = sample()
    scalar = sobolev_loss(q, q_s, q_a, t, 0.3, 0.0)[0]
    torch.testing.assert_close(sobolev_loss(q, q_s, q_a, t, torch.full((3,), 0.3), 0.0)[0], scalar)
    single = sobolev_loss(q, q_s[:, :1], q_a, Target(t.y, t.y_s[:, :1], t.y_a), 0.3, 0.0)[0]
    torch.testing.assert_close(sobolev_loss(q, q_s, q_a, t, torch.tensor([0.3, 0, 0]), 0.0)[0], single)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lam_s": -1.0}, r"^lam_s: got -1.0, wanted a number >= 0 or 3 of them"),
        ({"lam_a": NAN}, "^lam_a: got nan"),
        ({"lam_s": torch.ones(2)}, r"^lam_s: got \[1.0, 1.0\], wanted a number >= 0 or 3 of them"),
        ({"q": torch.zeros(7, 1)}, r"^q: got shape \(7, 1\), wanted \(7,\)"),
        ({"q_s": None}, r"^q_s: got shape None, wanted \(7, 3\)"),
        ({"q_a": torch.zeros(7, 3)}, r"^q_a: got shape \(7, 3\), wanted \(7, 2\)"),
        ({"mask": torch.ones(6)}, r"^mask: got shape \(6,\), wanted \(7,\)"),
    ],
)
def test_bad_input_is_refused(change, message):
    (q, q_s, q_a), t = sample()
    arguments = {"q": q, "q_s": q_s, "q_a": q_a, "target": t, "lam_s": 1.0, "lam_a": 1.0, **change}
    with pytest.raises(ValueError, match=message):
        sobolev_loss(**arguments)


def test_a_number_weighs_as_a_tensor_does_and_as_numpy_s():
    g = torch.Generator().manual_seed(0)
    q, y = (torch.randn(2, 7, generator=g, dtype=torch.float64) for _ in range(2))
    q_s, y_s, q_a, y_a = (torch.randn(2, 7, 3, generator=g, dtype=torch.float64) for _ in range(4))
    mask = torch.arange(14).reshape(2, 7) % 3 > 0
    for weights in ((0.7, 0.2), (1, 0), (np.float64(0.7), np.float32(0.5))):
        as_tensors = [torch.as_tensor(x, dtype=torch.float64) for x in weights]
        for kept in (None, mask):
            one, two = (
                sobolev_loss(q, q_s, q_a, Target(y, y_s, y_a), *x, kept) for x in (weights, as_tensors)
            )
            assert torch.equal(one[0], two[0])
            assert all(torch.equal(one[1][name], two[1][name]) for name in one[1])
