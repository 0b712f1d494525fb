"""A finger pushes a block along a line: contact that is soft, so that its derivative exists."""

import torch

from sobolev_mini.envs.protocol import DifferentiableEnv
from sobolev_mini.targets import Step

MASSES, DRAG = (0.2, 1.0), 1.5  # finger and block, kg; the block's friction, N s / m
STIFFNESS, SOFTNESS = 200.0, 0.01  # of the contact, N / m; the depth over which it sets in, m


class Push(DifferentiableEnv):
    """Push a block to the origin; s = (finger, block, finger's speed, block's speed), a force in [-1, 1].

    Places in m, speeds in m/s; a force of 1 is 5 N, a step 0.04 s. The contact pushes where the finger is
    past the block's near side, ``STIFFNESS * SOFTNESS * softplus(depth / SOFTNESS)``, and never pulls: a
    block pushed too far is lost. r = -(block^2 + 0.1 (block - finger)^2 + 0.01 force^2). No termination.
    """

    n_s, n_a, time_limit = 4, 1, 150

    def __init__(self, dtype=torch.float32, device="cpu"):
        super().__init__(dtype, device)
        self.state_scale = torch.tensor([1.0, 1.0, 2.0, 1.0], dtype=dtype, device=device)
        self.action_scale = self.action_limit = torch.ones(1, dtype=dtype, device=device)

    def reset(self, n, generator):
        """Return n states (n, 4) at rest: block in [-1, -0.5], finger 0.1 to 0.5 behind it."""
        x = torch.rand(n, 2, generator=generator, dtype=self.dtype).to(self.device)
        block = -1 + 0.5 * x[:, 0]
        zero = torch.zeros_like(block)
        return torch.stack([block - 0.1 - 0.4 * x[:, 1], block, zero, zero], dim=-1)

    def step(self, s, a):
        """Return the ``Step`` of 0.04 s, eight semi-implicit steps of Euler."""
        self.check(s, a)
        finger, block, speed, slide = s.unbind(dim=-1)
        force = torch.clamp(a[..., 0], -1, 1)
        r = -(block**2 + 0.1 * (block - finger) ** 2 + 0.01 * force**2)
        for _ in range(8):
            push = STIFFNESS * SOFTNESS * torch.nn.functional.softplus((finger - block) / SOFTNESS)
            speed = speed + 0.005 * (5 * force - push - 0.5 * speed) / MASSES[0]
            slide = slide + 0.005 * (push - DRAG * slide) / MASSES[1]
            finger, block = finger + 0.005 * speed, block + 0.005 * slide
        return Step(
            torch.stack([finger, block, speed, slide], dim=-1), r, torch.zeros_like(r, dtype=torch.bool)
        )
