"""MLP critics: slopes (eq-05-slopes) and the loss's gradient (eq-05-tangent) against autograd."""

import pytest
import torch

from sobolev_mini.losses import sobolev_loss
from sobolev_mini.networks import ACTIVATIONS, MLPCritic
from sobolev_mini.targets import Target


def small(activation="leaky_relu", dtype=torch.float64, n_s=3, n_a=2, hidden=(16, 12, 8)):
    return MLPCritic(n_s, n_a, seeds=(4, 9), hidden=hidden, activation=activation, dtype=dtype)


def batch(critic, size=20, seed=0):
    g = torch.Generator().manual_seed(seed)
    dtype = critic.parameters[0].dtype
    return [
        torch.randn(2, size, n, generator=g, dtype=torch.float64).to(dtype) for n in (critic.n_s, critic.n_a)
    ]


def double_backward(critic, s, a):
    """Q and its slopes by autograd, the way that needs a second backward pass."""
    s, a = s.clone().requires_grad_(), a.clone().requires_grad_()
    q = critic(s, a)
    return (q, *torch.autograd.grad(q.sum(), (s, a), create_graph=True))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_slopes_and_the_loss_s_gradient_are_those_of_double_backward(activation, dtype, tolerance):
    critic = small(activation, dtype)
    s, a = batch(critic)
    torch.manual_seed(1)
    target = Target(*(torch.randn_like(x) for x in double_backward(critic, s, a)))
    found, wanted = critic.value_and_slopes(s, a), double_backward(critic, s, a)
    for x, y in zip(found, wanted, strict=True):
        torch.testing.assert_close(x, y, atol=tolerance, rtol=tolerance)
    losses = [sobolev_loss(*x, target, 0.7, 1.3)[0] for x in (found, wanted)]
    torch.testing.assert_close(*losses, atol=tolerance, rtol=tolerance)
    gradients = [torch.autograd.grad(x, critic.parameters, allow_unused=True) for x in losses]
    for x, y in zip(*gradients, strict=True):
        torch.testing.assert_close(x, y, atol=10 * tolerance, rtol=10 * tolerance)


@pytest.mark.parametrize("activation", ["silu", "tanh"])
def test_slopes_are_central_differences(activation):
    critic, h = small(activation), 1e-6
    s, a = batch(critic)
    _, q_s, q_a = critic.value_and_slopes(s, a)
    for i in range(3):
        d = h * torch.eye(3, dtype=torch.float64)[i]
        torch.testing.assert_close(
            q_s[..., i], (critic(s + d, a) - critic(s - d, a)) / (2 * h), atol=1e-8, rtol=0
        )
    for i in range(2):
        d = h * torch.eye(2, dtype=torch.float64)[i]
        torch.testing.assert_close(
            q_a[..., i], (critic(s, a + d) - critic(s, a - d)) / (2 * h), atol=1e-8, rtol=0
        )


def test_each_seed_is_a_network_of_its_own():
    critic, alone = small(), MLPCritic(3, 2, seeds=(9,), hidden=(16, 12, 8), dtype=torch.float64)
    s, a = batch(critic)
    torch.testing.assert_close(critic(s, a)[1:], alone(s[1:], a[1:]), atol=1e-14, rtol=0)
    layers = [torch.nn.Linear(i, o, dtype=torch.float64) for i, o in ((5, 16), (16, 12), (12, 8), (8, 1))]
    for layer, w, b in zip(layers, alone.parameters[0::2], alone.parameters[1::2], strict=True):
        layer.weight.data, layer.bias.data = w[0].T.detach(), b[0, 0].detach()
    x = torch.cat([s, a], dim=-1)[1]
    for layer in layers[:-1]:
        x = torch.nn.functional.leaky_relu(layer(x), 0.01)
    torch.testing.assert_close(alone(s[1:], a[1:])[0], layers[-1](x)[:, 0], atol=1e-14, rtol=0)
    (critic(s, a)[0].sum()).backward()
    assert all((p.grad[1] == 0).all() and (p.grad[0] != 0).any() for p in critic.parameters)


@pytest.mark.parametrize("hidden", [(), (16, 12)])
def test_critics_of_a_seed_side_by_side_are_each_a_critic(hidden):
    """Shape (C, S): the same networks as C critics of S seeds, each by itself."""
    rows = ((4, 9), (5, 10), (6, 11))
    both = MLPCritic(3, 2, rows, hidden=hidden, activation="silu", dtype=torch.float64)
    s, a = batch(both)
    found = both.value_and_slopes(s, a)
    assert [tuple(x.shape) for x in found] == [(3, 2, 20), (3, 2, 20, 3), (3, 2, 20, 2)]
    for i, seeds in enumerate(rows):
        alone = MLPCritic(3, 2, seeds, hidden=hidden, activation="silu", dtype=torch.float64)
        pair = (critic.value_and_slopes(s, a) for critic in (alone, both.only(i)))
        for x, y, z in zip(found, *pair, strict=True):
            torch.testing.assert_close(x[i], y)
            torch.testing.assert_close(z, y)
    torch.testing.assert_close(both(s, a), found[0])
    least = found[0].argmin(dim=0)
    lesser = torch.stack([found[2][least[i, j], i, j] for i in range(2) for j in range(20)]).view(2, 20, 2)
    torch.testing.assert_close(both.action_slope(s, a), lesser)
    torch.testing.assert_close(both.action_slope(s, a, "mean"), found[2].mean(dim=0))


def test_one_batch_may_serve_every_seed():
    critic = small()
    s, a = batch(critic)
    torch.testing.assert_close(critic(s[:1], a[:1]), critic(s[:1].expand(2, -1, -1), a[:1].expand(2, -1, -1)))


def test_weights_are_drawn_as_linear_layers_are():
    """Uniform within 1 / sqrt(n_in), weights and biases alike (torch.nn.Linear's default)."""
    critic = MLPCritic(1, 1, seeds=range(30))
    for w, b, n_in in zip(critic.parameters[0::2], critic.parameters[1::2], (2, 128, 128, 128), strict=True):
        ours = torch.cat([w.flatten(), b.flatten()]).detach()
        torch.manual_seed(0)
        linears = [torch.nn.Linear(n_in, w.shape[2]) for _ in range(30)]
        theirs = torch.cat([p.detach().flatten() for layer in linears for p in layer.parameters()])
        assert ours.abs().max() <= n_in**-0.5
        assert ours.std() == pytest.approx(float(theirs.std()), rel=0.03)
    first = [MLPCritic(1, 1, seeds=(3,)).parameters[0] for _ in range(2)]
    assert torch.equal(*first)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MLPCritic(1, 1, ()), r"^seeds: got none"),
        (lambda: MLPCritic(0, 1, (0,)), r"^n_s: got 0, wanted a whole number >= 1"),
        (lambda: MLPCritic(1, 1, (0,), hidden=(8, 0)), r"^hidden: got 0"),
        (
            lambda: MLPCritic(1, 1, (0,), activation="gelu"),
            r"^activation: got 'gelu', wanted one of 'leaky_relu'",
        ),
        (
            lambda: small()(torch.zeros(2, 5, 2), torch.zeros(2, 5, 2)),
            r"^s: got shape \(2, 5, 2\), wanted \(2, B, 3\)",
        ),
        (
            lambda: small()(torch.zeros(2, 5, 3), torch.zeros(2, 4, 2)),
            r"^a: got batch 4, wanted that of s, 5",
        ),
        (lambda: small()(torch.zeros(3, 5, 3), torch.zeros(2, 5, 2)), r"^s: got shape \(3, 5, 3\)"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("activation", ["leaky_relu", "tanh"])
def test_scales_stand_between_the_network_and_the_units(activation):
    plain = small(activation)
    scales = torch.tensor([2.0, 0.5, 3.0, 1.0, 0.25], dtype=torch.float64)
    scaled = MLPCritic(
        3, 2, (4, 9), hidden=(16, 12, 8), activation=activation, dtype=torch.float64, scales=scales
    )
    s, a = batch(plain)
    found = scaled.value_and_slopes(s * scales[:3], a * scales[3:])
    wanted = plain.value_and_slopes(s, a)
    for x, y, scale in zip(found, wanted, (1, scales[:3], scales[3:]), strict=True):
        torch.testing.assert_close(x * scale, y)
    torch.testing.assert_close(scaled(s * scales[:3], a * scales[3:]), plain(s, a))
    for x, y in zip(found, double_backward(scaled, s * scales[:3], a * scales[3:]), strict=True):
        torch.testing.assert_close(x, y)


def test_other_units_give_the_same_first_update_and_powers_of_two_the_same_bytes():
    def gradient(factor):
        scales = torch.tensor([factor, factor, factor, 1.0, 1.0], dtype=torch.float32)
        critic = MLPCritic(3, 2, (4, 9), hidden=(16, 16), activation="silu", scales=scales)
        s, a = (x.float() for x in batch(small()))
        q, q_s, q_a = critic.value_and_slopes(factor * s, a)
        target = Target(q.detach() + 1, (q_s.detach() * factor + 1) / factor, q_a.detach() - 1)
        loss = sobolev_loss(q, q_s, q_a, target, 0.7 * scales[:3] ** 2, 0.3)[0]
        return torch.autograd.grad(loss, critic.parameters)

    one, eight, ten = gradient(1.0), gradient(8.0), gradient(10.0)
    assert all(torch.equal(x, y) for x, y in zip(one, eight, strict=True))
    for x, y in zip(one, ten, strict=True):
        torch.testing.assert_close(x, y, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("scales", [[1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 0.0]])
def test_bad_scales_are_named(scales):
    with pytest.raises(ValueError, match=r"^scales: got .*, wanted 5 numbers > 0"):
        MLPCritic(3, 2, (0,), scales=scales)
