"""The paper's simulator: Rewarped's Ant (Xing et al. 2025), replayed from any state, its adjoint mended.

Once this is imported, ``envs.make("rewarped_ant")`` makes it.

Wants the packages of requirements-rewarped.txt (``make rewarped``).
"""

import contextlib
import io
import math
import warnings

import torch

from sobolev_mini import envs
from sobolev_mini.envs.protocol import DifferentiableEnv, Tolerance
from sobolev_mini.envs.robots import quaternion
from sobolev_mini.targets import Step, Transition

TORQUE, FALLEN = 200.0, 0.27  # of an action of 1, N m; height at which an episode terminates, m
HIPS, KNEES = (0.0, 0.0, 0.0, 0.0), (1.0, -1.0, -1.0, 1.0)  # start angles, rad
Q, SPEEDS = 1, slice(5, 11)  # where a state keeps its quaternion, its torso's speeds


class RewarpedAnt(DifferentiableEnv):
    """Rewarped's Ant: s = (height, quaternion xyzw, speed 3, turn 3, 8 angles, 8 angular speeds), 8 actions.

    Parameters
    ----------
    mended : whether the call that its adjoint counts twice stays off the tape (chapter 08); the slope of the
        next state in the state is false otherwise: where feet touch of 2.6 times its length, cosine 0.96
    dtype, device : of states and actions; the simulator computes in float32, "cpu" or "cuda"

    Notes
    -----
    Heights in m, angles in rad, speeds in m/s and rad/s; an action of 1 is ``TORQUE``, a control step 1/60 s
    in sixteen substeps. Reward: speed ahead, a tenth of the upright axis' height, heading, height over
    ``FALLEN``, summed as numbers. Position does not count: the task's target is ten kilometres away and is
    taken to be straight ahead.
    """

    n_s, n_a, time_limit, dt = 27, 8, 1000, 1 / 60
    tolerance = Tolerance(eps=3e-4, p50=0.1, p90=0.9, digits=torch.float32)

    def __init__(self, mended=True, dtype=torch.float32, device="cpu"):
        self._ant, self._warp, self._integrator = _imported()
        self.mended = mended
        super().__init__(dtype, device)
        self.action_limit = self.action_scale
        self.state_scale[19:] = 10.0  # the task's own scaling
        self._sims = {}

    def reset(self, n, generator):
        """Return n states (n, 27) near the task's start pose: height within 0.1 m, angles within 0.2 rad."""

        def uniform(*shape):
            return 2 * torch.rand(n, *shape, generator=generator, dtype=torch.float64) - 1

        height = 0.75 + 0.1 * uniform(1)
        axis = torch.nn.functional.normalize(uniform(3) / 2, dim=-1)
        half = uniform(1) * math.pi / 48
        turned = torch.cat([axis * half.sin(), half.cos()], dim=-1)
        start = torch.tensor([-math.sqrt(0.5), 0, 0, math.sqrt(0.5)], dtype=torch.float64)
        pose = torch.tensor([x for leg in zip(HIPS, KNEES, strict=True) for x in leg], dtype=torch.float64)
        parts = [height, _times(start.expand(n, 4), turned), uniform(6) / 4,
                 pose + 0.2 * uniform(8), uniform(8) / 4]  # fmt: skip
        return torch.cat(parts, dim=-1).to(self.device, self.dtype)

    @torch.no_grad()
    def step(self, s, a):
        """Return the ``Step``; where the physics blew up it terminates in the state that it left."""
        return self.transition(s, a, slopes=False)

    def transition(self, s, a, slopes=True):
        """Return the ``Transition``; its pull-back is a reverse pass through the sixteen substeps."""
        self.check(s, a)
        with torch.set_grad_enabled(slopes):
            s_in, a_in = (x.detach().clone().requires_grad_(slopes) for x in (s, a))
            s_next = self._advance(s_in.reshape(-1, self.n_s), a_in.reshape(-1, self.n_a)).view(s.shape)
            fine = s_next.detach().isfinite().all(dim=-1)
            s_next = torch.where(fine[..., None], s_next, s_in)
            r = reward(s_next)
        ends = s_next.detach(), r.detach(), ~fine | (s_next.detach()[..., 0] < FALLEN)
        if not slopes:
            return Step(*ends)

        def pullback(v):
            total = r.sum() + (v.detach() * s_next).sum()
            return torch.autograd.grad(total, (s_in, a_in), retain_graph=True)

        return Transition(*ends, s.detach(), a.detach(), pullback)

    def linearize(self, s, a):
        """Return the ``Linearization``: a reverse pass for every output, 28 in all."""
        return self.transition(s, a).linearization()

    def tangent(self, s, slope):
        """Return the slope (..., B, 26) with three coordinates, a turn of the body, for its quaternion."""
        return quaternion.tangent(s, slope, Q, "xyzw")

    @property
    def tangent_scale(self):
        """Typical magnitudes (26,)."""
        return self.state_scale[1:]

    def _advance(self, s, a):
        """Return the states (N, 27) a control step, 1/60 s, after s under a."""
        s, a = quaternion.normal(s, Q).float(), a.clamp(-1, 1).float()
        sim, n = self._sim(len(s)), len(s)
        position = torch.nn.functional.pad(s[:, :1], (1, 1))
        linear, angular = s[:, SPEEDS].split(3, dim=-1)
        joint_q = torch.cat([position, s[:, 1:5], s[:, 11:19]], dim=-1)
        # the simulator's linear speed is that of the point of the body which passes the origin
        joint_qd = torch.cat([angular, linear + torch.cross(position, angular, dim=-1), s[:, 19:]], dim=-1)
        sim.state_0, sim.control_0, sim.integrator._step = sim.model.state(), sim.model.control(), 0
        sim.state_tensors, sim.control_tensors = [None, None], [None]
        with _quiet():
            for owner, name, x in (
                (sim.state, "joint_q", joint_q),
                (sim.state, "joint_qd", joint_qd),
                (sim.control, "joint_act", -TORQUE * a),
            ):
                owner.assign(name, x.flatten())
            now = sim.state_0
            self._warp.sim.eval_fk(sim.model, now.joint_q, now.joint_qd, None, now)
            with self._off_the_tape() if self.mended else contextlib.nullcontext():
                sim.do_physics_step()
        joint_q, joint_qd = (x.view(n, -1) for x in sim.state_tensors)
        angular, linear = joint_qd[:, :6].split(3, dim=-1)
        linear = linear - torch.cross(joint_q[:, :3], angular, dim=-1)
        parts = [joint_q[:, 1:2], joint_q[:, 3:7], linear, angular, joint_q[:, 7:], joint_qd[:, 6:]]
        return torch.cat(parts, dim=-1).to(self.dtype)

    def _sim(self, n):
        """Return the simulator of n robots, made when first asked for."""
        if n not in self._sims:
            with _quiet():
                sim = self._ant(
                    num_envs=n, device=str(self.device), no_env_offset=True, early_termination=False
                )
                sim.init()
            sim.initialized = True
            self._sims[n] = sim
        return self._sims[n]

    @contextlib.contextmanager
    def _off_the_tape(self):
        """Keep the integrator's closing forward kinematics off Warp's tape.

        It writes bodies' poses that the next substep writes again; with both on the tape the reverse pass
        counts their adjoint twice. Nothing that leaves the step needs its derivative.
        """
        runtime, own = self._warp.context.runtime, self._integrator.eval_fk

        def unrecorded(*arguments):
            tape, runtime.tape = runtime.tape, None
            try:
                own(*arguments)
            finally:
                runtime.tape = tape

        self._integrator.eval_fk = unrecorded
        try:
            yield
        finally:
            self._integrator.eval_fk = own


envs.register("rewarped_ant", RewarpedAnt)


def reward(s):
    """Return the reward (...) of arriving in states s (..., 27)."""
    _, y, z, _ = s[..., Q : Q + 4].unbind(dim=-1)
    # the torso's turn from its start pose, a quarter about x: first entries of where it takes the axes
    ahead = 1 - 2 * (y * y + z * z)
    return s[..., 5] + 0.1 * upright(s) + ahead + s[..., 0] - FALLEN


def upright(s):
    """Return the height (...) of the torso's upright axis of length 1, in states s (..., 27)."""
    x, y, z, w = s[..., Q : Q + 4].unbind(dim=-1)
    return 2 * (y * z - w * x)


def _times(p, q):
    """Return the product of quaternions (..., 4), xyzw."""
    (a, b, c, d), (x, y, z, w) = p.unbind(dim=-1), q.unbind(dim=-1)
    return torch.stack(
        [d * x + a * w + b * z - c * y, d * y + b * w + c * x - a * z,
         d * z + c * w + a * y - b * x, d * w - a * x - b * y - c * z], dim=-1
    )  # fmt: skip


@contextlib.contextmanager
def _quiet():
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _imported():
    """Return Rewarped's ``Ant``, ``warp`` and the module of its integrator."""
    try:
        with _quiet():
            import rewarped.warp.integrator_featherstone as integrator
            import warp
            from rewarped.envs.dflex.ant import Ant
    except ImportError as e:
        raise ImportError(
            "rewarped_ant wants Rewarped, which has packages of its own: run `make rewarped`"
        ) from e
    warp.config.quiet = True
    return Ant, warp, integrator
