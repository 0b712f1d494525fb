"""SAC's update written plainly in JAX for ``test_bench_share.py``: value-only, or Sobolev twice backward.

One seed of ``sobolev_mini.sac`` on the pendulum: its networks, numbers and settings, in float32. Slopes come
by ``jax.vjp``, the weights' gradient by ``jax.grad`` through them. JAX is no dependency of the project.
"""

import math

import jax
import jax.numpy as jnp

from sobolev_mini.actors import LOG_STD

tree, stop = jax.tree.map, jax.lax.stop_gradient


def mlp(layers, x):
    for weight, bias in layers[:-1]:
        x = jax.nn.silu(x @ weight + bias)
    return x @ layers[-1][0] + layers[-1][1]


def adam(lr, weights, moments, slopes):
    """Return (weights, moments) after a step down the ``slopes``."""
    first, second, count = moments
    first = tree(lambda m, g: 0.9 * m + 0.1 * g, first, slopes)
    second, count = tree(lambda v, g: 0.999 * v + 0.001 * g * g, second, slopes), count + 1
    rate, root = lr / (1 - 0.9**count), jnp.sqrt(1 - 0.999**count)
    moved = tree(lambda w, m, v: w - rate * m / (jnp.sqrt(v) / root + 1e-8), weights, first, second)
    return moved, (first, second, count)


def start(run):
    """Return a ``SACLearner``'s weights, with moments of zero, and what its buffer holds, as JAX's arrays."""

    def networks(of):
        every = [jnp.array(x.detach().numpy()) for x in of.parameters]
        pairs = [*zip(every[0::2], every[1::2], strict=True)]
        return [[(w[i], b[i]) for w, b in pairs] for i in range(len(every[0]))]

    actor = networks(run.actor)[0], jnp.array(run.log_alpha.item())
    state = {"critics": networks(run.critic), "targets": networks(run.target_critic), "actor": actor}
    for name in ("critics", "actor"):
        state[f"{name}_moments"] = *(tree(jnp.zeros_like, state[name]) for _ in range(2)), jnp.zeros(())
    return state, {name: jnp.array(x[0].numpy()) for name, x in run.replay.state()["data"].items()}


def turned(s, slope):
    """Return the slope in a pendulum's angle and speed, (B, 2)."""
    return jnp.stack([s[:, 0] * slope[:, 1] - s[:, 1] * slope[:, 0], slope[:, 2]], axis=-1)


def updater(run):
    """Return update (state, batch, noise) -> state of a ``SACLearner`` with constant weights."""
    config, env = run.config, run.env
    units, limit = (env.state_scale.numpy(), env.action_scale.numpy()), env.action_limit.numpy()
    lams = [x.numpy() for x in run.memory["lams"]] if run.slopes else None

    def q(layers, s, a):
        return mlp(layers, jnp.concatenate([s / units[0], a / units[1]], axis=-1))[:, 0]

    def least(critics, s, a):
        return jnp.minimum(*(q(layers, s, a) for layers in critics))

    def sample(actor, s, noise):
        mean, raw = jnp.split(mlp(actor, s / units[0]), 2, axis=-1)
        log_std = LOG_STD[0] + (LOG_STD[1] - LOG_STD[0]) * (jnp.tanh(raw) + 1) / 2
        u = mean + jnp.exp(log_std) * noise
        volume = jnp.log(limit) + 2 * (math.log(2) - u - jax.nn.softplus(-2 * u))
        log_prob = -0.5 * noise**2 - log_std - 0.5 * math.log(2 * math.pi) - volume
        return limit * jnp.tanh(u), log_prob.sum(axis=-1)

    def target(state, batch, noise):
        (actor, log_alpha), goes_on = state["actor"], config.discount * (1.0 - batch["terminated"])

        def value(s):
            a, log_prob = sample(actor, s, noise)
            return least(state["targets"], s, a) - jnp.exp(log_alpha) * log_prob

        if not lams:
            return batch["r"] + goes_on * value(batch["s_next"]), ()
        v, pull = jax.vjp(value, batch["s_next"])
        slope = pull(goes_on)[0][..., None]
        y_s, y_a = (batch[f"r_{x}"] + (batch[f"f_{x}"] * slope).sum(axis=1) for x in "sa")
        return batch["r"] + goes_on * v, (turned(batch["s"], y_s), y_a)

    def misfit(critics, batch, y, slopes):
        s, a, loss = batch["s"], batch["a"], 0.0
        for layers in critics:
            value, pull = jax.vjp(lambda s, a, layers=layers: q(layers, s, a), s, a)
            loss = loss + jnp.mean((value - y) ** 2)
            if lams:
                q_s, q_a = pull(jnp.ones_like(value))
                gaps = turned(s, q_s) - slopes[0], q_a - slopes[1]
                loss += sum((lam * x**2).sum(axis=-1).mean() for lam, x in zip(lams, gaps, strict=True))
        return loss

    def climb(moved, critics, s, noise):
        a, log_prob = sample(moved[0], s, noise)
        excess = stop(log_prob).mean() + run.target_entropy.item()
        return jnp.mean(jnp.exp(stop(moved[1])) * log_prob - least(critics, s, a)) - moved[1] * excess

    def update(state, batch, noise):
        slopes = jax.grad(misfit)(state["critics"], batch, *target(state, batch, noise[0]))
        critics, of_critics = adam(config.critic_lr, state["critics"], state["critics_moments"], slopes)
        slopes = jax.grad(climb)(state["actor"], critics, batch["s"], noise[1])
        actor, of_actor = adam(config.actor_lr, state["actor"], state["actor_moments"], slopes)
        targets = tree(lambda t, w: t + config.tau * (w - t), state["targets"], critics)
        new = {"critics": critics, "targets": targets, "actor": actor}
        return new | {"critics_moments": of_critics, "actor_moments": of_actor}

    return update


def trainer(run):
    """Return a call that samples and updates, compiled whole, and waits for the state."""
    (state, data), update, n = start(run), updater(run), run.config.batch_size

    def step(state, key, data):
        key, of_batch, of_noise = jax.random.split(key, 3)
        places, noise = jax.random.randint(of_batch, (n,), 0, len(data["r"])), (2, n, run.env.n_a)
        return update(state, tree(lambda x: x[places], data), jax.random.normal(of_noise, noise)), key

    compiled, kept = jax.jit(step, donate_argnums=(0, 1)), [state, jax.random.key(0)]

    def call():
        kept[:] = jax.block_until_ready(compiled(*kept, data))

    return call
