// The Ant in MuJoCo's WebAssembly as `sobolev_mini.envs.MuJoCo` has it, and its policies: no page needed.
//
// task = { skip, positions, frames, cost, alive, within: [low, high], speed, integrator }, written by `ants.py`

// The numbers of a policy that Python wrote: float16, little-endian; to the last digit.
export function halves(buffer) {
  const view = new DataView(buffer);
  return Float64Array.from({ length: buffer.byteLength / 2 }, (_, i) => {
    const bits = view.getUint16(2 * i, true), power = (bits >> 10) & 31, part = bits & 1023;
    const size = power ? 2 ** (power - 15) * (1 + part / 1024) : 2 ** -24 * part;
    return bits >> 15 ? -size : size;
  });
}

// The policy: state -> the eight actions of the mean. `sizes` are the widths of the layers, inputs first; weights (n_in,
// n_out), then biases (n_out,), a layer after the other; SiLU between them, tanh at the end.
export function policy(numbers, sizes, scale) {
  return (state) => {
    let x = Float64Array.from(state, (value, i) => value / scale[i]), at = 0;
    for (let layer = 1; layer < sizes.length; layer++) {
      const n = sizes[layer], y = new Float64Array(n);
      for (const value of x) {
        for (let j = 0; j < n; j++) y[j] += value * numbers[at + j];
        at += n;
      }
      for (let j = 0; j < n; j++) y[j] += numbers[at + j];
      at += n;
      x = y.map(layer + 1 < sizes.length ? (z) => z / (1 + Math.exp(-z)) : Math.tanh);
    }
    return x;
  };
}

// MuJoCo's model of the XML with the settings of Python's class.
export function modelOf(mujoco, xml, { integrator }) {
  const model = mujoco.MjModel.from_xml_string(xml);
  model.opt.integrator = mujoco.mjtIntegrator[`mjINT_${integrator.toUpperCase()}`].value;
  model.opt.disableflags |= mujoco.mjtDisableBit.mjDSBL_AUTORESET.value;
  return model;
}

// A robot under a policy, a physics step at a time. `act` maps a state to actions.
export class Walker {
  constructor(mujoco, model, task, act) {
    Object.assign(this, { mujoco, model, task, act, data: new mujoco.MjData(model) });
  }

  // Begin an episode in a state: positions less the skipped ones, then speeds; float32, as in Python.
  begin(state) {
    Object.assign(this, { state: Float32Array.from(state), way: [0, 0], steps: 0, frame: 0, reward: 0, ended: "" });
    this.place();
  }

  get height() {
    return this.data.qpos[this.task.skip];
  }

  get distance() {
    return this.way[0] + this.data.qpos[0];
  }

  // Speed (m/s) sideways, at once: within a decision MuJoCo's speeds go on, and between two of them the state.
  push(speed) {
    if (this.ended) return;
    this.data.qvel[1] += speed;
    this.state[this.task.positions + 1] += speed;
  }

  // Put the state into MuJoCo, always cold and above the origin, for the steps that one decision takes.
  place() {
    const { skip, positions } = this.task, { mujoco, model, data, state } = this;
    const turn = Array.from(state.slice(3 - skip, 7 - skip)), length = Math.hypot(...turn);
    mujoco.mj_resetData(model, data);
    data.qpos.set([...Array(skip).fill(0), ...state.slice(0, positions)]);
    data.qpos.set(turn.map((x) => x / length), 3);
    data.qvel.set(state.slice(positions));
    mujoco.mj_kinematics(model, data); // for who draws; the solver does not start from it
  }

  // One physics step; after so many of them the decision is judged.
  substep() {
    if (this.ended) return;
    const { mujoco, model, data, task } = this;
    if (this.frame === 0) {
      this.place();
      this.actions = Array.from(this.act(this.state), (a) => Math.min(Math.max(a, -1), 1));
      data.ctrl.set(this.actions);
    }
    mujoco.mj_step(model, data);
    this.frame += 1;
    if (this.frame === task.frames) this.judge();
  }

  judge() {
    const { skip, frames, cost, alive, within: [low, high] } = this.task, { qpos, qvel } = this.data;
    const fine = [...qpos, ...qvel].every(Number.isFinite), healthy = fine && qpos[2] >= low && qpos[2] <= high;
    const effort = this.actions.reduce((sum, a) => sum + a * a, 0);
    const ahead = fine ? qpos[0] / (frames * this.model.opt.timestep) : 0;
    this.reward += ahead + alive * healthy - cost * effort;
    this.steps += 1;
    this.frame = 0;
    if (!healthy) this.ended = !fine ? "blew up" : qpos[2] > high ? "too high" : "too low";
    if (!fine) return;
    this.state = Float32Array.from([...qpos.slice(skip), ...qvel]);
    if (healthy) {
      this.way = this.way.map((x, i) => x + qpos[i]);
      this.place();
    }
  }

  // A whole decision.
  step() {
    do this.substep();
    while (this.frame);
  }
}
