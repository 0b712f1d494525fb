"""The Sobolev loss: a critic's misfit to its target in value and in slope (paper, section 3.2)."""

import torch


def sobolev_loss(q, q_s, q_a, target, lam_s, lam_a, mask=None):
    """Return (loss, info) for E[(q - y)^2 + lam_s ||q_s - y_s||^2 + lam_a ||q_a - y_a||^2] (eq-03-loss).

    Parameters
    ----------
    q : (..., B); q_s : (..., B, n_s); q_a : (..., B, n_a)
        The critic and its input gradients, with their graph. A gradient whose weight is 0 may be None.
    target : Target
    lam_s, lam_a : >= 0, a number, one a component, (n_s,) and (n_a,), or that for every leading axis,
        (..., 1, n_s) and (..., 1, n_a)
    mask : (..., B), optional
        Samples whose slopes count: bool, or how much each counts, >= 0. Values always count.

    Notes
    -----
    The mean runs over the batch, the sum over components and over leading axes (seeds are separate
    problems). Weight 0 skips the slope altogether: plain TD, bit for bit, even beside NaN slopes.
    ``info`` holds the detached means "value", "slope_s", "slope_a", shape (...), without weights.
    """
    _same_shape("q", q, target.y)
    value = ((q - target.y) ** 2).mean(dim=-1)
    loss, info = value.sum(), {"value": value.detach()}
    for name, slope, wanted, lam in (("s", q_s, target.y_s, lam_s), ("a", q_a, target.y_a, lam_a)):
        lam, counts = _weights(f"lam_{name}", lam, wanted)
        info[f"slope_{name}"] = torch.zeros_like(info["value"])
        if counts is False:
            continue
        if wanted is None:
            raise ValueError(f"target: got no slopes y_{name}, wanted them where lam_{name} is not 0")
        _same_shape(f"q_{name}", slope, wanted)
        gap = slope - wanted
        if mask is not None:
            _same_shape("mask", mask, target.y)
            counts = counts & (mask > 0)[..., None]
        if counts is not True:
            # Zero the gap before it is squared: a NaN that does not count must not reach the gradient.
            gap = torch.where(counts, gap, 0.0)
        square = gap**2 if mask is None else mask[..., None] * gap**2
        loss = loss + (lam * square).sum(dim=-1).mean(dim=-1).sum()
        info[f"slope_{name}"] = square.detach().sum(dim=-1).mean(dim=-1)
    return loss, info


def in_units(lam, scale):
    """Return the weights lam * scale^2, one a component (n,): ``lam`` then does not depend on units.

    A slope over a component that is typically ``scale`` (n,) large, times it, is the change of Q along it.
    """
    return lam * scale**2


def _weights(name, lam, like):
    """Return (lam, which components count), checked; one number counts for all (True) or for none (False)."""
    if isinstance(lam, int | float) and 0 <= lam < float("inf"):
        return lam, bool(lam > 0)
    if like is None:
        raise ValueError(f"target: got no slopes beside {name} = {lam}, wanted them, or a weight of 0")
    lam = torch.as_tensor(lam, dtype=like.dtype, device=like.device)
    n = like.shape[-1]
    shapes = ((), (n,), (*like.shape[:-2], 1, n))
    if lam.shape not in shapes or not (lam.isfinite() & (lam >= 0)).all():
        raise ValueError(f"{name}: got {lam.tolist()}, wanted a number >= 0 or {n} of them, {shapes[2]}")
    return lam, (lam > 0 if lam.any() else False)


def _same_shape(name, got, like):
    shape = None if got is None else tuple(got.shape)
    if shape != tuple(like.shape):
        raise ValueError(f"{name}: got shape {shape}, wanted {tuple(like.shape)}")
