"""MuJoCo as a stateless batch in NumPy: control steps, and their Jacobians by chained finite differences."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from sobolev_mini import validate

EPS = 1e-6  # of MuJoCo's differences; 1e-4 is too wide at contact
INTEGRATORS = ("euler", "implicitfast")


class Physics:
    """Control steps of ``frames`` physics steps from states (positions, speeds), always from a cold start.

    Parameters
    ----------
    file : MJCF
    frames : physics steps to a control step
    integrator : "euler" or "implicitfast"; MuJoCo has no transition derivative of Runge-Kutta
    threads : that work side by side, on an ``MjData`` of their own
    time_constant : seconds in which a contact or a joint's stop pushes out (MuJoCo's ``solref``), at least
        two physics steps; larger is softer; None for the model's own
    centred : whether differences are, at twice the cost; else one-sided, with an error in the first order

    Notes
    -----
    Units are MuJoCo's: m, rad, m/s, rad/s; ``dt`` is the control step in seconds. Raises ``ValueError`` for
    another integrator, threads below 1 or too small a time constant.
    """

    def __init__(self, file, frames, integrator, threads, time_constant=None, centred=False):
        import mujoco

        self._made = file, frames, integrator, threads, time_constant, centred
        validate.one_of("integrator", integrator, INTEGRATORS)
        self.mujoco, self.frames, self.centred = mujoco, frames, bool(centred)
        self.threads = validate.whole("threads", threads, 1)
        self.model = mujoco.MjModel.from_xml_path(str(file))
        self.model.opt.integrator = getattr(mujoco.mjtIntegrator, f"mjINT_{integrator.upper()}")
        # No bad state is put right in silence.
        self.model.opt.disableflags |= mujoco.mjtDisableBit.mjDSBL_AUTORESET
        if time_constant is not None:
            least = 2 * self.model.opt.timestep  # MuJoCo raises what is below, in silence
            validate.real("time_constant", time_constant, low=least)
            self.model.geom_solref[:, 0] = self.model.jnt_solref[:, 0] = time_constant
        self.dt = self.model.opt.timestep * frames
        self._datas = [mujoco.MjData(self.model) for _ in range(self.threads)]
        self._process, self._pools = os.getpid(), {}  # a forked child has none of its parent's threads

    def __reduce__(self):
        return Physics, self._made  # copied and pickled as it was made; it remembers no state

    def advance(self, states, actions):
        """Return the states (N, n_q + n_v) a control step after ``states`` under ``actions`` (N, n_u)."""
        from mujoco import rollout

        start = np.concatenate([np.zeros((len(states), 1)), states], axis=1)  # time comes first
        held = np.repeat(actions[:, None], self.frames, axis=1)
        datas = self._datas[: min(self.threads, len(states))]
        pool = len(datas) > 1 and os.getpid() == self._process
        return rollout.rollout(self.model, datas, start, held, persistent_pool=pool)[0][:, -1, 1:]

    def jacobians(self, states, actions):
        """Return the states after (N, n_q + n_v), and their Jacobians (N, 2 n_v, 2 n_v), (N, 2 n_v, n_u).

        In the state and the action, tangent coordinates, speeds last. A physics step's Jacobian is
        MuJoCo's ``mjd_transitionFD`` where the trajectory passes, warm start included; they are multiplied.
        """
        n_v, frames = self.model.nv, self.frames
        passed, end = self._shared(self._passed, states, actions)
        A, B = self._shared(self._differences, passed.reshape(len(states) * frames, -1))
        A, B = (x.reshape(len(states), frames, 2 * n_v, -1) for x in (A, B))
        J_s, J_a = A[:, 0], B[:, 0]
        for k in range(1, frames):
            J_s, J_a = A[:, k] @ J_s, A[:, k] @ J_a + B[:, k]
        return end, J_s, J_a

    def _shared(self, work, *arrays):
        """Return the arrays that ``work`` makes of ``arrays``, an even share of their rows a thread."""
        if self.threads == 1 or len(arrays[0]) == 1:
            return work(self._datas[0], *arrays)
        if os.getpid() not in self._pools:
            self._pools[os.getpid()] = ThreadPoolExecutor(self.threads)
        shares = zip(self._datas, *(np.array_split(x, self.threads) for x in arrays), strict=True)
        done = list(self._pools[os.getpid()].map(lambda share: work(*share), shares))
        return [np.concatenate(parts) for parts in zip(*done, strict=True)]

    def _passed(self, data, states, actions):
        """Return the full states (n, frames, size) that physics steps start from, and those after all."""
        kind = self.mujoco.mjtState.mjSTATE_INTEGRATION
        passed = np.empty((len(states), self.frames, self.mujoco.mj_stateSize(self.model, kind)))
        end = np.empty_like(states)
        for i, (state, action) in enumerate(zip(states, actions, strict=True)):
            self.mujoco.mj_resetData(self.model, data)
            data.qpos[:], data.qvel[:] = state[: self.model.nq], state[self.model.nq :]
            data.ctrl[:] = action
            for k in range(self.frames):
                self.mujoco.mj_getState(self.model, data, passed[i, k], kind)
                self.mujoco.mj_step(self.model, data)
            end[i] = np.concatenate([data.qpos, data.qvel])
        return passed, end

    def _differences(self, data, passed):
        """Return (n, 2 n_v, 2 n_v) and (n, 2 n_v, n_u): the Jacobians of physics steps from them."""
        kind, n_v = self.mujoco.mjtState.mjSTATE_INTEGRATION, self.model.nv
        A = np.empty((len(passed), 2 * n_v, 2 * n_v))
        B = np.empty((len(passed), 2 * n_v, self.model.nu))
        for i, state in enumerate(passed):
            self.mujoco.mj_setState(self.model, data, state, kind)  # actions and warm start included
            self.mujoco.mjd_transitionFD(self.model, data, EPS, self.centred, A[i], B[i], None, None)
        return A, B
