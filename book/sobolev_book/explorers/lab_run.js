// Two quadratic critics in training side by side on the same samples, without and with slopes, and what was
// measured on the way.

import { actionGrid, Critic, greedy, q } from "./quadratic.js";
import { Sfc32 } from "./sfc32.js";
import { ToyProblem } from "./toy.js";

export const METHODS_IN_LAB = ["value_only", "sobolev"];
const BATCH = 50, MOST = 400; // records kept; then every second one goes
const SETTLED = 0.005; // policy error, as chapter 04 counts
const midpoints = (n) => Float64Array.from({ length: n }, (_, i) => ((i + 0.5) / n) * 2 - 1);
const PLACES = midpoints(32), STATES = midpoints(256);

export class LabRun {
  // settings: { lam_s, lam_a, lr, optimizer, target, tau, refreshEvery, seed, end }
  constructor({ lam_s, lam_a, seed, end, ...rest }) {
    this.problem = new ToyProblem(0.2, 0.9);
    this.truth = truthOf(this.problem);
    this.batch = [new Float64Array(BATCH), new Float64Array(BATCH)];
    this.critics = {
      value_only: new Critic(this.problem, rest),
      sobolev: new Critic(this.problem, { ...rest, lamS: lam_s, lamA: lam_a }),
    };
    Object.assign(this, { seed, end, overflow: null });
    this.reset();
  }

  reset() {
    for (const method of METHODS_IN_LAB) this.critics[method].reset();
    Object.assign(this, { random: new Sfc32(this.seed), steps: 0, every: 100, records: [] });
    this.record();
  }

  get ended() {
    return this.steps >= this.end || this.overflow !== null;
  }

  // Train while goes(step of this call). Weights that leave the numbers set the run back to its start, with
  // `overflow` saying whose and when.
  advance(goes) {
    const { batch: [s, a], critics } = this;
    for (let i = 0; !this.ended && goes(i); i++) {
      this.random.uniform(s);
      this.random.uniform(a);
      for (const method of METHODS_IN_LAB) critics[method].step(s, a);
      this.steps += 1;
      const method = METHODS_IN_LAB.find((name) => critics[name].diverged);
      if (method) {
        this.overflow = { method, step: this.steps };
        this.reset();
      } else if (this.steps % this.every === 0) this.record();
    }
  }

  // Let a run at its end go on; after an overflow it begins again.
  goOn(steps) {
    if (this.overflow === null) this.end += steps;
    this.overflow = null;
  }

  record() {
    const found = { step: this.steps };
    for (const method of METHODS_IN_LAB) {
      const { w } = this.critics[method];
      found[method] = { ...measure(w, this.truth), bendS: w[3], bendA: w[5] };
    }
    this.records.push(found);
    if (this.records.length > MOST) {
      this.records = this.records.filter((_, i) => i % 2 === 0);
      this.every *= 2;
    }
  }

  // How a critic stands: "away" (convex in the action), "settled" or "circling" (chapter 04).
  outcome(method) {
    if (this.critics[method].w[5] > 0) return "away";
    const late = this.records.filter(({ step }) => step >= 0.75 * this.steps);
    return this.steps > 0 && late.every((x) => x[method].policy < SETTLED) ? "settled" : "circling";
  }

  // How it stood at each record, counted likewise.
  states(method) {
    let missed = 0; // the last record that was not below
    return this.records.map(({ step, [method]: { policy, bendA } }) => {
      if (!(policy < SETTLED)) missed = step;
      if (bendA > 0) return "away";
      return step > 0 && missed < 0.75 * step ? "settled" : "circling";
    });
  }
}

function truthOf(problem) {
  const pairs = [...PLACES].flatMap((s) => [...PLACES].map((a) => [s, a]));
  return {
    pairs,
    q: pairs.map(([s, a]) => problem.optimalQ(s, a)),
    q_a: pairs.map(([s, a]) => problem.optimalQGradients(s, a)[1]),
    policy: [...STATES].map((s) => problem.optimalPolicy(s)),
    actions: actionGrid(100),
  };
}

// Mean square errors of a critic against the exact optimum: of Q, of Q less its mean error, of its slope in the
// action, and of its greedy action.
export function measure(w, truth) {
  let sum = 0, square = 0, slope = 0, policy = 0;
  truth.pairs.forEach(([s, a], i) => {
    const gap = q(w, s, a) - truth.q[i];
    sum += gap;
    square += gap * gap;
    slope += (w[2] + w[4] * s + 2 * w[5] * a - truth.q_a[i]) ** 2;
  });
  STATES.forEach((s, i) => (policy += (greedy(w, s, truth.actions) - truth.policy[i]) ** 2));
  const n = truth.pairs.length, mean = sum / n;
  return { q: square / n, q_centred: square / n - mean * mean, q_a: slope / n, policy: policy / STATES.length };
}
