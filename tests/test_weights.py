"""Rules for the weights of slopes: their definitions, their units, their bounds, their bad input."""

import math

import pytest
import torch

from sobolev_book.schedules import Bounded, WarmUp
from sobolev_mini import ddpg, envs, sac
from sobolev_mini.losses import (
    DECAY,
    VALUE_ONLY,
    Balanced,
    Constant,
    CriticStep,
    HugeSavine,
    sobolev_loss,
)
from sobolev_mini.targets import Target
from tests.learners import Scaled, learner, weights

RULES = {
    "value_only": VALUE_ONLY,
    "constant": Constant(),
    "warm_up": WarmUp(),
    "normalised": HugeSavine(),
    "balanced": Balanced(),
}
ADAPTIVE = [name for name in RULES if name != "value_only"]


def critic_step(n=2, batch=7, n_s=3, n_a=1, seed=0):
    """Return a step of n linear critics with weights (n, n_s + n_a), and draws for its target."""
    g = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.randn(*shape, generator=g, dtype=torch.float64)

    w, x = draw(n, n_s + n_a).requires_grad_(), draw(n, batch, n_s + n_a)
    slope = w[:, None].expand(-1, batch, -1)
    target = Target(draw(n, batch), draw(n, batch, n_s), draw(n, batch, n_a))
    return CriticStep((x * w[:, None]).sum(-1), slope[..., :n_s], slope[..., n_s:], target, [w])


@pytest.fixture
def env():
    return envs.make("push", dtype=torch.float64)


def first(env_like, chosen, step):
    return chosen.weights(chosen.start(env_like, step.q.shape[:-1]), step)


def scales(n_s=3, n_a=1):
    """Return something with an environment's scales."""
    made = envs.make("lqr", n_s=n_s, n_a=n_a, dtype=torch.float64)
    made.state_scale = torch.tensor([2.0, 1.0, 8.0], dtype=torch.float64)
    made.action_scale = torch.tensor([0.5], dtype=torch.float64)
    return made


def test_constant_weights_are_in_units_of_the_scales():
    lam_s, lam_a, mask = first(scales(), Constant(0.5, 2.0), critic_step())
    assert lam_s.tolist() == [2.0, 0.5, 32.0]
    assert lam_a.tolist() == [0.5]
    assert mask.all()
    assert first(scales(), Constant(0.5, 2.0, bare=True), critic_step())[:2] == (0.5, 2.0)
    assert VALUE_ONLY.off
    assert not Constant(0.0, 1.0).off


def test_warm_up_rises_from_zero_to_the_rule_s_weights():
    chosen, step = WarmUp(Constant(1.0, 1.0), updates=4), critic_step()
    memory = chosen.start(scales(), (2,))
    seen = [chosen.weights(memory, step)[1].item() for _ in range(6)]
    assert seen == [0.0625, 0.125, 0.1875, 0.25, 0.25, 0.25]


def test_huge_savine_weights_are_the_value_s_variance_over_each_slope_s_square():
    step = critic_step()
    chosen, t = HugeSavine(), step.target
    memory = chosen.start(scales(), (2,))
    lam_s, lam_a, _ = chosen.weights(memory, step)
    spread = t.y.var(dim=1, unbiased=False)
    torch.testing.assert_close(lam_s[:, 0], spread[:, None] / (t.y_s**2).mean(dim=1))
    torch.testing.assert_close(lam_a[:, 0], spread[:, None] / (t.y_a**2).mean(dim=1))
    # A second, different batch enters with a share of 1 - DECAY, the first having had all.
    other = critic_step(seed=1)
    lam_a = chosen.weights(memory, other)[1]
    share = (1 - DECAY) / (1 - DECAY**2)
    y, yy, square = (
        (1 - share) * f(t).mean(dim=1) + share * f(other.target).mean(dim=1)
        for f in (lambda t: t.y, lambda t: t.y**2, lambda t: t.y_a[..., 0] ** 2)
    )
    torch.testing.assert_close(lam_a[:, 0, 0], (yy - y**2) / square)


def test_gradient_balance_makes_both_gradients_equally_long():
    step = critic_step()
    lam_s, lam_a, mask = first(scales(), Balanced(), step)
    value, slope = step.gradient_norms(lam_s, lam_a, mask)
    torch.testing.assert_close(value, slope)
    third = first(scales(), Balanced(share=1 / 3), step)
    torch.testing.assert_close(step.gradient_norms(*third)[1], value / 3)


def test_one_kind_of_slope_alone_is_balanced_alone():
    for kind in "sa":
        step = critic_step()
        lam_s, lam_a, mask = first(scales(), Balanced(slopes=kind), step)
        assert (bool(lam_s.any()), bool(lam_a.any())) == (kind == "s", kind == "a")
        value, slope = step.gradient_norms(lam_s, lam_a, mask)
        torch.testing.assert_close(value, slope)


def test_gradient_norms_are_those_of_each_critic_s_own_losses():
    step = critic_step()
    lam_s, lam_a = torch.full((2, 1, 3), 0.3, dtype=torch.float64), torch.ones(2, 1, 1, dtype=torch.float64)
    mask = torch.ones(2, 7, dtype=torch.bool)
    got, (w,) = step.gradient_norms(lam_s, lam_a, mask), step.parameters
    for i in range(2):
        value = ((step.q - step.target.y)[i] ** 2).mean()
        slope = 0.3 * ((step.q_s - step.target.y_s)[i] ** 2).sum(-1).mean()
        slope = slope + ((step.q_a - step.target.y_a)[i] ** 2).sum(-1).mean()
        for loss, norms in ((value, got[0]), (slope, got[1])):
            assert norms[i].item() == pytest.approx(
                torch.autograd.grad(loss, w, retain_graph=True)[0].norm().item()
            )


def test_gradients_are_measured_every_so_often():
    step, chosen, calls = critic_step(), Balanced(every=5), []
    counted = CriticStep(*(getattr(step, x) for x in ("q", "q_s", "q_a", "target", "parameters")))
    object.__setattr__(counted, "gradient_norms", lambda *x: calls.append(1) or step.gradient_norms(*x))
    memory = chosen.start(scales(), (2,))
    for _ in range(11):
        chosen.weights(memory, counted)
    assert len(calls) == 3


def test_an_exploding_sample_counts_less_and_does_not_set_the_scale():
    def after(blow):
        chosen = HugeSavine(bound=3.0)
        memory = chosen.start(scales(), (2,))
        chosen.weights(memory, critic_step(batch=50))
        wild = critic_step(batch=50, seed=1)
        wild.target.y_s[0, 4] *= blow
        return chosen.weights(memory, wild)

    without, wild = after(math.nan), after(1e6)
    assert wild[2][0, 4] < 1e-9
    assert wild[2][1].min() > 0.5
    for wanted, found in zip(without[:2], wild[:2], strict=True):
        torch.testing.assert_close(found, wanted, rtol=0.25, atol=0)  # it counts as one at the bound would


@pytest.mark.parametrize("name", ADAPTIVE)
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_slopes_that_are_not_finite_do_not_count(name, bad):
    step = critic_step(batch=20)
    step.target.y_s[0, 4, 1] = bad
    lam_s, lam_a, mask = first(scales(), RULES[name], step)
    for x in (lam_s, lam_a, *step.losses(lam_s, lam_a, mask), *step.gradient_norms(lam_s, lam_a, mask)):
        assert torch.as_tensor(x).isfinite().all()
    assert mask[0].tolist() == [i != 4 for i in range(20)]
    assert mask[1].all()


def test_a_slope_that_is_always_zero_gets_no_weight():
    step = critic_step()
    step.target.y_a.zero_()
    assert first(scales(), HugeSavine(), step)[1].tolist() == [[[0.0]], [[0.0]]]


@pytest.mark.parametrize("name", list(RULES))
@pytest.mark.parametrize("kind", ["ddpg", "sac"])
def test_a_state_declared_eight_times_larger_gives_the_same_bytes(name, kind):
    module, found = {"ddpg": ddpg, "sac": sac}[kind], []
    for factor in (1.0, 8.0, 10.0):
        inner = envs.make("push", dtype=torch.float64)
        every = {"delay": 1} if kind == "ddpg" else {}
        run = learner(kind, Scaled(inner, factor) if factor > 1 else inner, weighting=RULES[name], **every)
        for _ in range(2 if factor < 10 else 1):
            module.update(run, run.sample())
            found.append(weights(run))
    once, twice, eight, eight_twice, ten = found
    assert torch.equal(once, eight)
    assert torch.equal(twice, eight_twice)
    torch.testing.assert_close(ten, once, rtol=0, atol=1e-6)
    assert not torch.equal(once, twice)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Constant(-1.0), "^lam_s: got -1.0, wanted a finite number >= 0"),
        (lambda: Constant(1.0, math.nan), "^lam_a: got nan"),
        (lambda: WarmUp(updates=0), "^updates: got 0"),
        (lambda: Bounded(bound=0.0), "^bound: got 0"),
        (lambda: WarmUp(100), "^rule: got 100, wanted a rule"),
        (lambda: Bounded(Balanced), "^rule: got <class .*Balanced.>, wanted a rule"),
        (lambda: HugeSavine(bound=0), "^bound: got 0"),
        (lambda: Balanced(slopes="as"), "^slopes: got 'as', wanted one of 'both', 's', 'a'"),
        (lambda: Balanced(share=0), "^share: got 0"),
        (lambda: Balanced(every=0), "^every: got 0"),
    ],
)
def test_bad_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_critics_that_share_a_target_are_weighed_each_by_its_own_gradient():
    """Shape (C, S): the target's part once a seed, the gradients' part for each critic."""
    alone = [critic_step(seed=k) for k in (0, 1)]
    target = alone[0].target
    w = torch.stack([one.parameters[0] for one in alone]).detach().flatten(0, 1).requires_grad_()
    q, q_s, q_a = (torch.stack([getattr(x, k).detach() for x in alone]) for k in ("q", "q_s", "q_a"))
    pull = w.view(2, 2, 1, 4)
    pair = CriticStep(q + (pull**2).sum(-1), q_s + pull[..., :3], q_a + pull[..., 3:], target, [w])
    for chosen in (HugeSavine(), Balanced(), WarmUp(Balanced(), 3)):
        lam_s, lam_a, mask = first(scales(), chosen, pair)
        assert mask.shape == (2, 7)
        norms = torch.stack(pair.gradient_norms(lam_s, lam_a, mask))
        assert norms.shape == (2, 2, 2)
        if isinstance(chosen, Balanced):
            torch.testing.assert_close(norms[0], norms[1])
    loss, info = sobolev_loss(pair.q, pair.q_s, pair.q_a, target, lam_s, lam_a, mask)
    assert info["value"].shape == (2, 2) and loss.isfinite()


def test_a_bound_around_a_rule_keeps_its_weights_and_counts_outliers_less():
    rule, bounded = Constant(2.0, 0.5), Bounded(Constant(2.0, 0.5), 3.0)
    memory, plain = bounded.start(scales(), (2,)), rule.start(scales(), (2,))
    for seed in range(5):
        step = critic_step(batch=50, seed=seed)
        step.target.y_s[:, 0] *= 100.0
        lam_s, lam_a, mask = bounded.weights(memory, step)
    torch.testing.assert_close((lam_s, lam_a), rule.weights(plain, step)[:2])
    assert (mask[:, 0] < 0.9).all() and (mask[:, 1:] == 1).all()
