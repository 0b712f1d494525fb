// The quadratic critic Q_w = w . (1, s, a, s^2, s a, a^2) and its training: `qlearning/quadratic_loop.py` in the
// reader's browser. A step is Algorithm 1, lines 8 to 14, on one batch.

export const N_FEATURES = 6;

export function q(w, s, a) {
  return w[0] + w[1] * s + w[2] * a + w[3] * s * s + w[4] * s * a + w[5] * a * a;
}

// n points from -1 to 1, as numpy.linspace places them.
export function actionGrid(n) {
  const step = 2 / (n - 1);
  return Float64Array.from({ length: n }, (_, i) => (i === n - 1 ? 1 : i * step - 1));
}

// The action of the grid where Q_w(s, .) is greatest, the lowest of equals: an end, or a neighbour of the vertex.
export function greedy(w, s, actions) {
  const tilt = w[2] + w[4] * s, bend = w[5], last = actions.length - 1;
  if (bend >= 0) {
    const low = tilt * actions[0] + bend * actions[0] * actions[0];
    return tilt * actions[last] + bend * actions[last] * actions[last] > low ? actions[last] : actions[0];
  }
  const place = (tilt / (-2 * bend) - actions[0]) / (actions[1] - actions[0]);
  const middle = Math.trunc(Math.min(Math.max(place, 0), last));
  let best = 0, top = -Infinity;
  for (let j = Math.max(middle - 1, 0); j <= Math.min(middle + 2, last); j++) {
    const value = tilt * actions[j] + bend * actions[j] * actions[j];
    if (value > top) [best, top] = [actions[j], value];
  }
  return best;
}

export class Critic {
  // settings: lamS, lamA >= 0, lr > 0, target "current", "polyak" (tau) or "hard" (refreshEvery), nActions, init.
  constructor(problem, settings) {
    const plain = { lamS: 0, lamA: 0, lr: 1e-4, optimizer: "adam", target: "current", tau: 0.005, refreshEvery: 1000 };
    Object.assign(this, { problem, ...plain, nActions: 100, init: 0, ...settings });
    this.actions = actionGrid(this.nActions);
    this.reset();
  }

  reset() {
    this.w = new Float64Array(N_FEATURES).fill(this.init);
    this.targetW = this.w.slice();
    this.m = new Float64Array(N_FEATURES);
    this.v = new Float64Array(N_FEATURES);
    this.gradient = new Float64Array(N_FEATURES);
    this.steps = 0;
    this.fade1 = this.fade2 = 1; // Adam's 0.9 and 0.999 to the power of the steps
    this.diverged = false;
  }

  // Take one step on the batch (s, a). A step that leaves the finite numbers is undone and sets `diverged`.
  step(s, a) {
    if (this.diverged) return;
    if (this.target === "current") this.targetW.set(this.w);
    this.setGradient(s, a);
    const before = this.w.slice();
    this.steps += 1;
    if (this.optimizer === "adam") this.adam();
    else this.w.forEach((_, i) => (this.w[i] -= this.lr * this.gradient[i]));
    if (!this.w.every(Number.isFinite)) {
      this.w.set(before);
      this.diverged = true;
    } else if (this.target === "polyak") {
      this.w.forEach((x, i) => (this.targetW[i] += this.tau * (x - this.targetW[i])));
    } else if (this.target === "hard" && this.steps % this.refreshEvery === 0) {
      this.targetW.set(this.w);
    }
  }

  // The gradient in w of the batch's mean Sobolev loss (eq-04-loss), targets held still.
  setGradient(states, acts) {
    const { w, targetW: t, actions, lamS, lamA } = this, { slope, discount } = this.problem;
    let g0 = 0, g1 = 0, g2 = 0, g3 = 0, g4 = 0, g5 = 0;
    for (let i = 0; i < states.length; i++) {
      const s = states[i], a = acts[i];
      const b = greedy(t, a, actions); // s' = a; frozen from here on
      const y = slope * a - (a - s) * (a - s) + discount * q(t, a, b);
      const gap = q(w, s, a) - y;
      g0 += gap;
      g1 += gap * s;
      g2 += gap * a;
      g3 += gap * s * s;
      g4 += gap * s * a;
      g5 += gap * a * a;
      if (lamS > 0) {
        const gapS = lamS * (w[1] + 2 * w[3] * s + w[4] * a - 2 * (a - s)); // s' does not depend on s
        g1 += gapS;
        g3 += gapS * 2 * s;
        g4 += gapS * a;
      }
      if (lamA > 0) {
        const yA = slope - 2 * (a - s) + discount * (t[1] + 2 * t[3] * a + t[4] * b);
        const gapA = lamA * (w[2] + w[4] * s + 2 * w[5] * a - yA);
        g2 += gapA;
        g4 += gapA * s;
        g5 += gapA * 2 * a;
      }
    }
    const scale = 2 / states.length;
    this.gradient.set([g0 * scale, g1 * scale, g2 * scale, g3 * scale, g4 * scale, g5 * scale]);
  }

  // One step of Adam (Kingma and Ba 2015).
  adam() {
    const { w, m, v, gradient: g } = this;
    const first = this.lr / (1 - (this.fade1 *= 0.9)), second = Math.sqrt(1 - (this.fade2 *= 0.999));
    for (let i = 0; i < N_FEATURES; i++) {
      m[i] += (1 - 0.9) * (g[i] - m[i]);
      v[i] += (1 - 0.999) * (g[i] * g[i] - v[i]);
      w[i] -= (first * m[i]) / (Math.sqrt(v[i]) / second + 1e-8);
    }
  }
}
