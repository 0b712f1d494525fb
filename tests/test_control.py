"""What the actor-critic loops share: draws, episodes, records, divergence, interruption."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from sobolev_book.records.checkpoint import Checkpoint, Progress
from sobolev_mini import envs
from sobolev_mini.ddpg import DDPGConfig, DDPGLearner, train_ddpg
from sobolev_mini.losses import Balanced, Constant
from sobolev_mini.recording import evaluate
from sobolev_mini.sac import SACConfig, SACLearner, train_sac
from tests.learners import SMALL, Opaque, learner, weights

TRAIN = {"ddpg": (train_ddpg, DDPGConfig), "sac": (train_sac, SACConfig)}


def train(kind, env=None, options=None, **settings):
    run, config = TRAIN[kind]
    env = env or envs.make("pendulum", dtype=torch.float64)
    return run(env, config(**(SMALL | settings)), **(options or {}))


def same(one, other):
    assert one.rows.keys() == other.rows.keys()
    for name in one.rows:
        np.testing.assert_array_equal(one.rows[name], other.rows[name])
    assert torch.equal(weights(one), weights(other))


@pytest.mark.parametrize("kind", TRAIN)
@pytest.mark.parametrize("rule", [Constant(0, 0), Balanced()], ids=["value_only", "gn"])
def test_the_same_seed_gives_the_same_bytes_and_another_does_not(kind, rule):
    one, other = train(kind, weighting=rule), train(kind, weighting=rule)
    same(one, other)
    assert not torch.equal(weights(one), weights(train(kind, weighting=rule, seeds=(3, 6))))


@pytest.mark.parametrize("kind", TRAIN)
def test_a_seed_s_run_does_not_depend_on_the_others(kind):
    together, alone = (train(kind, weighting=Balanced(), seeds=x) for x in ((3, 5, 8), (5,)))
    for both, one in zip(together.actor.parameters, alone.actor.parameters, strict=True):
        torch.testing.assert_close(both[1], one[0], rtol=0, atol=1e-9)
    for both, one in zip(together.critic.parameters, alone.critic.parameters, strict=True):
        torch.testing.assert_close(both[[1, 4]], one, rtol=0, atol=1e-9)
    np.testing.assert_allclose(together.returns[:, 1], alone.returns[:, 0], rtol=1e-9)


@pytest.mark.parametrize("kind", TRAIN)
def test_value_only_never_asks_the_simulator_for_a_derivative(kind):
    env = envs.make("pendulum", dtype=torch.float64)
    same(train(kind, Opaque(env)), train(kind, env))
    with pytest.raises(AssertionError, match="asked for a derivative"):
        train(kind, Opaque(env), weighting=Constant())


@pytest.mark.parametrize("kind", TRAIN)
@pytest.mark.parametrize("weight", [(1.0, 0.0), (0.0, 1.0)])
def test_either_weight_alone_changes_the_run(kind, weight):
    assert not torch.equal(weights(train(kind)), weights(train(kind, weighting=Constant(*weight))))


def test_cached_and_live_derivatives_train_alike():
    cached, live = (train("ddpg", weighting=Balanced(), cached=x) for x in (True, False))
    torch.testing.assert_close(weights(cached), weights(live), rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", TRAIN)
@pytest.mark.parametrize("stop", [8, 23, 39])
def test_an_interrupted_run_ends_in_the_same_bytes(kind, stop, tmp_path):
    settings, done = {"weighting": Balanced(), "record": (0, 10, 30, 40)}, []

    def interrupt(n):
        done.append(n)
        if sum(done) == stop:
            raise KeyboardInterrupt

    path = tmp_path / "run.pt"
    often = Checkpoint(path, every=0.0)
    with pytest.raises(KeyboardInterrupt):
        train(kind, options={"callbacks": [often, Progress(interrupt)]}, **settings)
    went_on = []
    taken_up = [Checkpoint(path), Progress(went_on.append)]
    found = train(kind, options={"callbacks": taken_up}, **settings)
    assert went_on[0] == stop and sum(went_on) == 40
    same(found, train(kind, **settings))
    again = train(kind, options={"callbacks": [Checkpoint(path)]}, **settings)
    same(again, found)  # a finished run is only read
    assert len(list(tmp_path.iterdir())) == 2
    with pytest.raises(ValueError, match=r"^checkpoint: got .*another run"):
        train(kind, options={"callbacks": [Checkpoint(path)]}, **settings, batch_size=8)


def test_a_trust_region_s_radius_outlives_an_interruption(tmp_path):
    settings, path = {"actor_step": "trust", "weighting": Balanced(), "steps": 60}, tmp_path / "run.pt"
    settings["record"] = (0, 42, 45, 60)

    def interrupt(n, done=[]):  # noqa: B006  (counts its calls)
        done.append(n)
        if sum(done) == 45:
            raise KeyboardInterrupt

    whole = train("ddpg", **settings)
    assert whole.rows["shortened"][2].any()  # at step 45; a fresh radius would not be short
    with pytest.raises(KeyboardInterrupt):
        callbacks = [Checkpoint(path, every=0.0), Progress(interrupt)]
        train("ddpg", options={"callbacks": callbacks}, **settings)
    same(train("ddpg", options={"callbacks": [Checkpoint(path)]}, **settings), whole)


def test_environments_side_by_side_are_stored_together_and_end_alone():
    env = envs.make("cartpole_swingup", dtype=torch.float64)
    run = learner("ddpg", env, collected=0, n_envs=3)
    run.states[1, 2, 0], run.states[1, 2, 3] = 2.3, 3.0  # the third of seed 1 leaves the track
    before = run.states.clone()
    for _ in range(6):
        run.collect(torch.zeros(2, 3, 1, dtype=torch.float64))
    assert run.replay.size == 18 and run.step == 6
    stored = run.replay.at(torch.arange(18).expand(2, -1))
    assert torch.equal(stored.s[:, :3], before) and torch.equal(stored.s[0, 3:], stored.s_next[0, :-3])
    assert run.age[0].tolist() == [6, 6, 6] and run.age[1].tolist()[:2] == [6, 6] and run.age[1, 2] < 6
    assert stored.terminated.nonzero()[:, 1].remainder(3).tolist() == [2]
    for kind in ("ddpg", "sac"):
        assert np.isfinite(train(kind, options={}, n_envs=3).returns).all()


def test_a_time_limit_truncates_and_a_limit_left_terminates():
    env = envs.make("cartpole_swingup", dtype=torch.float64)
    env.time_limit = 12
    run = learner("ddpg", env, collected=0)
    run.states[1, 0, 0], run.states[1, 0, 3] = 2.3, 3.0  # seed 1 leaves the track within a few steps
    for _ in range(12):
        run.collect(torch.zeros(2, 1, 1, dtype=torch.float64))
    stored = run.replay.at(torch.arange(12).expand(2, -1)).terminated
    assert not stored[0].any()  # the twelfth step truncated
    assert stored[1].sum() == 1
    assert run.age.tolist() == [[0], [12 - int(stored[1].int().argmax()) - 1]]
    assert (run.states[:, 0, 0].abs() < 2.4).all()


def test_evaluation_is_the_sum_of_rewards_up_to_the_end_of_an_episode():
    env = envs.make("cartpole_swingup", dtype=torch.float64)
    run = learner("ddpg", env, collected=0)
    for i, push in enumerate((0.0, 8.0)):  # seed 0 stays, seed 1 drives off the track
        run.actor.parameters[-2].data[i], run.actor.parameters[-1].data[i] = 0.0, push
    found = evaluate(env, run.actor, 3)
    starts = env.reset(3, torch.Generator().manual_seed(20_000_003))
    for i in range(2):
        returns, length = [], []
        for s in starts:
            s, total = s[None, None], 0.0
            for k in range(env.time_limit):  # noqa: B007
                step = env.step(s, run.actor(s)[i : i + 1])
                s, total = step.s_next, total + step.r.item()
                if step.terminated.item():
                    break
            returns.append(total)
            length.append(k)
        assert found[i].item() == pytest.approx(np.mean(returns))
        assert (max(length) < env.time_limit - 1) == (i == 1)


@pytest.mark.parametrize("kind", TRAIN)
def test_a_seed_that_diverges_stops_and_the_others_go_on(kind):
    def poison(run):
        if run.step == 30:
            run.actor.parameters[0].data[0] = torch.nan
        return {}

    with pytest.warns(UserWarning, match=r"^seeds \[3\] diverged by step 30"):
        found = train(kind, options={"probe": poison}, record=(0, 20, 30, 40))
    assert found.diverged_at.tolist() == [30, -1]
    assert np.isnan(found.returns[:, 0]).tolist() == [False, False, True, True]
    plain = train(kind, record=(0, 20, 30, 40))
    np.testing.assert_array_equal(found.returns[:, 1], plain.returns[:, 1])


def test_a_run_whose_seeds_have_all_diverged_ends_early_and_keeps_what_it_has():
    def poison(run):
        if run.step == 20:
            run.actor.parameters[0].data[:] = torch.inf
        return {"mark": torch.full((2,), float(run.step))}

    with pytest.warns(UserWarning, match=r"seeds \[3, 5\] diverged by step 20"):
        found = train("ddpg", options={"probe": poison}, record=(0, 10, 20, 40))
    assert found.steps.tolist() == [0, 10, 20]
    assert found.rows["mark"][:2].tolist() == [[0, 0], [10, 10]]


def test_a_simulator_that_returns_nonsense_is_named():
    env = envs.make("pendulum", dtype=torch.float64)
    step = env.step
    broken = copy.copy(env)
    broken.step = lambda s, a: (lambda x: type(x)(x.s_next * torch.nan, x.r, x.terminated))(step(s, a))
    with pytest.raises(ValueError, match=r"^env: its step 1 returned numbers that are not finite"):
        train("ddpg", broken)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 0}, "^steps: got 0"),
        ({"seeds": ()}, "^seeds: got \\(\\)"),
        ({"seeds": 3}, "^seeds: got 3, wanted several: range\\(3\\), or \\(3,\\) for one run"),
        ({"seeds": (1, 1)}, "^seeds: got \\(1, 1\\), wanted at least one and none twice"),
        ({"discount": 1.0}, "^discount: got 1.0"),
        ({"tau": 0}, "^tau: got 0"),
        ({"critic_lr": -1}, "^critic_lr: got -1"),
        ({"activation": "gelu"}, "^activation: got 'gelu'"),
        ({"twins": "max"}, "^twins: got 'max'"),
        ({"actor_slope": "truth"}, "^actor_slope: got 'truth', wanted one of 'critic', 'backup'"),
        ({"weighting": "gn"}, "^weighting: got 'gn', wanted a rule"),
        ({"record": (41,)}, "^record: got step 41"),
        ({"weighting": Balanced}, "^weighting: got <class .*, wanted a rule"),
        ({"hidden": (0,)}, "^hidden: got 0"),
    ],
)
@pytest.mark.parametrize("config", [DDPGConfig, SACConfig])
def test_bad_settings_are_refused(config, settings, message):
    with pytest.raises(ValueError, match=message):
        config(**(SMALL | settings))


def test_bad_arguments_are_refused():
    env = envs.make("pendulum")
    with pytest.raises(ValueError, match=r"^config: got SACConfig, wanted a DDPGConfig"):
        train_ddpg(env, SACConfig(**SMALL))
    with pytest.raises(ValueError, match=r"^env: got str, wanted a DifferentiableEnv"):
        train_sac("pendulum", SACConfig(**SMALL))
    with pytest.raises(ValueError, match=r"^noise: got -1"):
        DDPGConfig(noise=-1)
    with pytest.raises(ValueError, match=r"^temperature: got -1"):
        SACConfig(temperature=-1)


@pytest.mark.parametrize("config", [DDPGConfig, SACConfig])
def test_what_follows_from_the_number_of_steps_follows_it(config):
    """``dataclasses.replace`` keeps what was said, and only that."""
    env = envs.make("pendulum")
    longer = replace(config(steps=100, hidden=(4,), seeds=(0,)), steps=1000)
    assert longer.recorded[-1] == 1000 and len(longer.recorded) == 21
    run = (DDPGLearner if config is DDPGConfig else SACLearner)(env, longer)
    assert run.replay.capacity == 1000
    assert replace(config(capacity=200, record=(3,)), steps=10).recorded == (3,)
