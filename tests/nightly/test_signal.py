"""Why SiLU is ahead of tanh, as chapter 05 tells it: the signal's size, and early; three seeds each."""

import numpy as np
import pytest
import torch

from sobolev_mini.toy import ToyProblem

silu, leaky_relu = torch.nn.functional.silu, torch.nn.functional.leaky_relu
RULES = {  # mean square slope errors after 600 and 2,400 steps, geometric means
    "leaky ReLU": (leaky_relu, 0.034, 0.0059),
    "SiLU": (silu, 0.0048, 0.00064),
    "half SiLU": (lambda z: silu(z) / 2, 0.12, 0.0010),
    "SiLU moved to where it is straight": (lambda z: silu(z + 2.4) - 2.2, 0.088, 0.0017),
    "twice that": (lambda z: 2 * (silu(z + 2.4) - 2.2), 0.0059, 0.00036),
    "tanh": (torch.tanh, 0.068, 0.0011),
    "twice tanh": (lambda z: 2 * torch.tanh(z), 0.0062, 0.00034),
    "tanh of twice the input": (lambda z: torch.tanh(2 * z), 0.0061, 0.00030),
}


class Rule(torch.nn.Module):
    def __init__(self, rule):
        super().__init__()
        self.forward = rule


def gaps(network, n):
    """Return the gaps of value and slopes (3, n) to the true Q* at n samples."""
    x = (2 * torch.rand(n, 2) - 1).requires_grad_()
    q, at = network(x)[:, 0], x.detach().double().numpy().T
    (g,) = torch.autograd.grad(q.sum(), x, create_graph=True)
    problem = ToyProblem()
    true = problem.optimal_q(*at), *problem.optimal_q_gradients(*at)
    return torch.stack([q, *g.T]) - torch.as_tensor(np.array(true))


def errors(rule, seed):
    """Fit values and slopes of the true Q*; return the slope error in a after 600 and 2,400 steps."""
    torch.manual_seed(seed)
    hidden = [part for n in (2, 128, 128) for part in (torch.nn.Linear(n, 128), Rule(rule))]
    network = torch.nn.Sequential(*hidden, torch.nn.Linear(128, 1))
    adam, found = torch.optim.Adam(network.parameters(), lr=1e-4), []
    for steps in (600, 1800):
        for _ in range(steps):
            adam.zero_grad()
            (gaps(network, 50) ** 2).mean(dim=1).sum().backward()
            adam.step()
        found.append((gaps(network, 4096)[2] ** 2).mean().item())
    return found


@pytest.mark.parametrize("name", RULES)
def test_the_size_of_the_signal_decides_early(name):
    rule, *wanted = RULES[name]
    found = np.exp(np.log([errors(rule, seed) for seed in range(3)]).mean(axis=0))
    assert found == pytest.approx(wanted, rel=0.5)
