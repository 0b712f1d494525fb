"""One update of TD3 and of SAC, slopes on and off, against the algorithms with double backward."""

import copy

import pytest
import torch

from sobolev_mini import ddpg, envs, sac
from sobolev_mini.losses import Constant
from tests.learners import learner, weights

GAMMA, TAU = 0.97, 0.02
MODULES = {"ddpg": ddpg, "sac": sac}


def each(network, i):
    """Return the i-th network of the stack alone."""
    one = copy.copy(network)
    one.seeds, one.shape = (0,), (1,)
    one.parameters = [x[i : i + 1].detach().clone().requires_grad_() for x in network.parameters]
    return one


def adam_step(parameters, loss, lr=1e-3):
    for x, g in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        x.data -= lr * g / (g.abs() + 1e-8)  # Adam's first step
        x.grad = g


def close(got, wanted):
    """Gradients agree to 1e-10 of the largest; weights as far as Adam, dividing by gradients, lets them."""
    size = wanted.grad.abs().max().item()
    torch.testing.assert_close(got.grad, wanted.grad, rtol=0, atol=1e-10 * size)
    torch.testing.assert_close(got, wanted, rtol=0, atol=2e-6)


def textbook(run, kind, i, batch, noise, lam):
    """Return actor and critics of seed i after one update of ``batch`` (1, B), by definition alone."""
    env, n = run.env, run.n_seeds
    critics = [each(run.critic, c * n + i) for c in range(2)]
    targets = [each(run.target_critic, c * n + i) for c in range(2)]
    actor, target_actor = each(run.actor, i), each(run.target_actor, i)
    s, a = batch.s.requires_grad_(), batch.a.requires_grad_()
    step = env.step(s, a)
    if kind == "ddpg":
        shift = (0.2 * noise[0]).clamp(-0.5, 0.5) * env.action_limit
        a_next = (target_actor(step.s_next) + shift).clamp(-env.action_limit, env.action_limit)
        bonus = 0.0
    else:
        a_next, log_prob = actor.sample(step.s_next, noise[0])
        bonus = -log_prob  # alpha starts at 1
    both = [q(step.s_next, a_next) for q in targets]
    y = step.r + GAMMA * (torch.minimum(*both) + bonus)
    y_s, y_a = torch.autograd.grad(y.sum(), (s, a), retain_graph=True)
    y_s, loss = env.tangent(s, y_s), 0.0
    for q in critics:
        out = q(s, a)
        q_s, q_a = torch.autograd.grad(out.sum(), (s, a), create_graph=True)
        gap_s, gap_a = (env.tangent(s, q_s) - y_s) * env.tangent_scale, (q_a - y_a) * env.action_scale
        loss = loss + ((out - y.detach()) ** 2).mean()
        loss = loss + lam * ((gap_s**2).sum(-1) + (gap_a**2).sum(-1)).mean()
    adam_step([x for q in critics for x in q.parameters], loss)
    if kind == "ddpg":
        actor_loss = -critics[0](s.detach(), actor(s.detach())).mean()
    else:
        action, log_prob = actor.sample(s.detach(), noise[1])
        both = [q(s.detach(), action) for q in critics]
        actor_loss = (log_prob - torch.minimum(*both)).mean()
    adam_step(actor.parameters, actor_loss)
    return actor, critics, targets


@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("lam", [0.0, 1.0, 30.0])
@pytest.mark.parametrize("name", ["pendulum", "acrobot", "push"])
def test_one_update_is_the_algorithm_as_one_would_write_it(kind, lam, name):
    """Critic, actor (eq-06-gradient), targets."""
    every = {"delay": 1} if kind == "ddpg" else {}
    run = learner(kind, envs.make(name, dtype=torch.float64), weighting=Constant(lam, lam), **every)
    ahead = copy.deepcopy(run.generators)
    batch = run.sample()
    clone = copy.deepcopy((run.critic, run.target_critic, run.actor, run.target_actor))
    now, run.generators = run.generators, ahead
    run.sample()  # the copies draw what the run will draw
    noise = run.actor.noise(run.generators, 16, 2 if kind == "sac" else 1)
    run.generators = now
    MODULES[kind].update(run, batch)
    before = copy.copy(run)
    before.critic, before.target_critic, before.actor, before.target_actor = clone
    for i in range(2):
        one = copy.copy(batch)
        object.__setattr__(one, "s", batch.s[i : i + 1].clone())
        object.__setattr__(one, "a", batch.a[i : i + 1].clone())
        actor, critics, targets = textbook(before, kind, i, one, [x[i : i + 1] for x in noise], lam)
        for got, wanted in zip(graded(run.actor, i), actor.parameters, strict=True):
            close(got, wanted)
        for c in range(2):
            new = each(run.target_critic, 2 * c + i).parameters
            for got, wanted, old, moved in zip(
                graded(run.critic, 2 * c + i), critics[c].parameters, targets[c].parameters, new, strict=True
            ):
                close(got, wanted)
                torch.testing.assert_close(moved, old + TAU * (got - old), rtol=0, atol=1e-12)


def graded(network, i):
    """Return the i-th network's weights with their gradients."""
    one = each(network, i).parameters
    for x, y in zip(one, network.parameters, strict=True):
        x.grad = y.grad[i : i + 1]
    return one


@pytest.mark.parametrize("kind", MODULES)
def test_the_backup_s_slope_is_that_of_the_one_step_model(kind, monkeypatch):
    """SVG(1): the actor climbs r + gamma V(f(s, a)), differentiated through the simulator."""
    run = learner(kind, envs.make("push", dtype=torch.float64), actor_slope="backup", critics=1,
                  **({"smoothing": 0.0, "delay": 1} if kind == "ddpg" else {"temperature": 0.0}))  # fmt: skip
    batch, seen = run.sample(), []
    monkeypatch.setattr(MODULES[kind], "descend", lambda loss, *rest: seen.append(loss))
    state = [g.get_state() for g in run.generators]
    MODULES[kind].update(run, batch)
    got = torch.autograd.grad(seen[1], run.actor.parameters)
    for g, old in zip(run.generators, state, strict=True):
        g.set_state(old)
    if kind == "ddpg":
        a, policy = run.actor(batch.s), run.target_actor
    else:
        _, of_actor, noise = run.actor.noise(run.generators, 16, 3)  # the first is the target's
        a = run.actor.sample(batch.s, of_actor)[0]

        def policy(s):
            return run.actor.sample(s, noise)[0]

    frozen = a.detach().requires_grad_()
    step = run.env.step(batch.s, frozen)
    start = copy.deepcopy(run.target_critic)
    total = step.r + GAMMA * start(step.s_next, policy(step.s_next))[0]
    (slope,) = torch.autograd.grad(total.sum(), frozen)
    wanted = torch.autograd.grad(-(slope * a).sum(-1).mean(-1).sum(), run.actor.parameters)
    for x, y in zip(got, wanted, strict=True):
        torch.testing.assert_close(x, y)


def test_the_temperature_rises_where_entropy_is_short_and_falls_where_it_is_ample():
    for wanted, sign in ((50.0, 1), (-50.0, -1)):
        run = learner("sac", target_entropy=wanted)
        sac.update(run, run.sample())
        assert (torch.sign(run.log_alpha) == sign).all()
    run = learner("sac", temperature=0.3)
    sac.update(run, run.sample())
    torch.testing.assert_close(run.log_alpha.exp(), torch.full((2, 1), 0.3, dtype=torch.float64))


@pytest.mark.parametrize(
    ("kind", "setting"),
    [
        ("ddpg", {"actor_path": False}),
        ("ddpg", {"twins": "mean"}),
        ("sac", {"actor_path": False}),
        ("sac", {"entropy_path": False}),
        ("sac", {"twins": "mean"}),
    ],
)
def test_each_option_of_the_target_reaches_it(kind, setting):
    found = []
    for settings in ({}, setting):
        run = learner(kind, weighting=Constant(), **settings)
        MODULES[kind].update(run, run.sample())
        found.append(weights(run))
    assert not torch.equal(*found)


def test_the_target_policy_is_followed_only_where_asked():
    moved = []
    for asked in (False, True):
        config = {
            "steps": 24,
            "target_policy": asked,
            "hidden": (8,),
            "batch_size": 8,
            "start": 20,
            "seeds": (1,),
        }
        seen = []
        found = sac.train_sac(
            envs.make("pendulum"),
            sac.SACConfig(**config),
            probe=lambda run, seen=seen: seen.append(run) or {},
        )
        gap = [x - y for x, y in zip(seen[0].target_actor.parameters, found.actor.parameters, strict=True)]
        moved.append(max(x.abs().max().item() for x in gap))
    assert moved[0] != moved[1]
