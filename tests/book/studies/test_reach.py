"""Chapter 08's horizons and sizes: slopes are those of returns, and policies act on where they are led."""

import torch

from sobolev_book.studies import contact, reach

DOUBLE = torch.float64


def test_slopes_of_returns_are_those_of_the_chain_rule(monkeypatch):
    monkeypatch.setattr(reach, "AHEAD", (1, 2))
    scene, generator = contact.ant(dtype=DOUBLE), torch.Generator().manual_seed(0)
    s, a = scene.env.reset(3, generator), 0.5 * scene.uniform(3, generator)
    s[:, 0] += 2
    found = reach.slopes(scene.env, s, a, lambda t, x: scene.policy(x))
    assert found.shape == (3, 2, 8, 3)
    here, s_next = scene.env.linearize(s, a), scene.env.step(s, a).s_next.requires_grad_()
    there = scene.env.linearize(s_next.detach(), scene.policy(s_next).detach())
    (through,) = torch.autograd.grad((there.r_a * scene.policy(s_next)).sum(), s_next)
    later = 0.99 * (here.f_a.mT @ (there.r_s + through)[..., None])[..., 0]
    for h in (0, 1):
        torch.testing.assert_close(found[h, 0].T, here.r_a, atol=1e-5, rtol=1e-3)
        torch.testing.assert_close(found[h, 1].T, here.r_a + later, atol=1e-3, rtol=1e-2)


def test_behaviours_are_uniform_actions_and_every_kept_policy(monkeypatch):
    monkeypatch.setattr(contact.Scene, "visited", lambda self, n, generator: self.env.reset(n, generator))
    monkeypatch.setattr(reach, "followed", lambda env, policy, n, generator: env.reset(n, generator))
    made = list(reach.behaviours(10, contact.Scene(contact.ant(dtype=DOUBLE).env)))
    assert [x[:2] for x in made] == [("uniform", 0), *((m, k) for m in reach.METHODS for k in reach.SEEDS)]
    assert made[0][3] is None and [len(x[2]) for x in made] == [10, *[2] * 10]
    actions = torch.stack([policy(made[1][2][None])[0] for *_, policy in made[1:]])
    assert (actions[:, None] - actions).abs().amax(dim=(2, 3)).fill_diagonal_(1).min() > 0.01


def test_states_are_where_the_policy_leads_within_the_steps():
    scene = contact.ant(dtype=DOUBLE)
    still = reach.followed(scene.env, scene.policy, 4, torch.Generator().manual_seed(0), steps=1)
    assert torch.equal(still, scene.env.reset(4, torch.Generator().manual_seed(0)))
    after = reach.followed(scene.env, scene.policy, 40, torch.Generator().manual_seed(0), steps=2)
    start = scene.env.reset(40, torch.Generator().manual_seed(0))
    stepped = scene.env.step(start, scene.policy(start)).s_next
    gone = (after != start).any(dim=1)
    assert 5 < gone.sum() < 35 and torch.equal(after[gone], stepped[gone])
