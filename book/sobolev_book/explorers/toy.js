// The paper's 1D problem and its exact solution: `toy.py` in the reader's browser, one number at a time.
// s' = a, r = slope a - (a - s)^2, s and a in [-1, 1]. How the closed form comes about: chapter 02.

const MAX_BREAKPOINTS = 1000; // more pieces than a screen has pixels

export class ToyProblem {
  // slope: c, any finite number; discount: in [0, 1). Throws RangeError where they are not.
  constructor(slope = 0.2, discount = 0.9) {
    if (!Number.isFinite(slope)) throw new RangeError(`slope: got ${slope}, wanted a finite number`);
    if (!(discount >= 0 && discount < 1)) throw new RangeError(`discount: got ${discount}, wanted a number in [0, 1)`);
    if (!Number.isFinite(slope / (1 - discount))) throw new RangeError(`slope: got ${slope}, too large for discount ${discount}`);
    this.slope = slope;
    this.discount = discount;
    this.half = Math.abs(slope) / 2;
    this.ladder = this.half > 0 ? ladderTo(discount, 2 / this.half) : [];
  }

  reward(s, a) {
    return this.slope * a - (a - s) ** 2;
  }

  rewardGradients(s, a) {
    return [2 * (a - s), this.slope - 2 * (a - s)];
  }

  // States inside (-1, 1) where the optimal policy changes piece, descending (eq-02-breakpoints).
  breakpoints() {
    const found = [];
    let power = 1, G = 0, H = 0;
    for (let m = 0; this.half > 0 && m < (this.discount === 0 ? 1 : MAX_BREAKPOINTS); m++) {
      G += power;
      H += G;
      power *= this.discount;
      if (this.half * H >= 2) break;
      found.push(1 - this.half * H);
    }
    return this.slope > 0 ? found : found.map((s) => -s).reverse();
  }

  optimalPolicy(s) {
    return Math.min(1, Math.max(-1, s + this.stepAndLoss(s)[0]));
  }

  optimalValue(s) {
    return Math.abs(this.slope) / (1 - this.discount) - this.stepAndLoss(s)[1];
  }

  optimalQ(s, a) {
    return this.reward(s, a) + this.discount * this.optimalValue(a);
  }

  optimalQGradients(s, a) {
    const [rS, rA] = this.rewardGradients(s, a);
    return [rS, rA + this.discount * 2 * this.stepAndLoss(a)[0]];
  }

  clippedPolicy(s) {
    return Math.min(1, Math.max(-1, s + this.slope / (2 * (1 - this.discount))));
  }

  clippedValue(s) {
    return Math.abs(this.slope) / (1 - this.discount) - this.clippedLoss(s);
  }

  clippedQ(s, a) {
    return this.reward(s, a) + this.discount * this.clippedValue(a);
  }

  // The signed optimal step a* - s (eq-02-step) and V*(wall) - V*(s).
  stepAndLoss(s) {
    const { half, discount: g } = this, sign = Math.sign(this.slope);
    if (half === 0) return [0, 0];
    const u = 1 - sign * s, sums = fullSteps(this.ladder, u / half);
    const full = half * sums.G, rest = u - half * sums.H;
    const step = full + (sums.power * rest) / (1 + g * sums.G);
    return [sign * step, half * (half * sums.T) + (full + step) * rest];
  }

  // V(wall) - V(s) of the clipped policy: m full strides, then the rest to the wall.
  clippedLoss(s) {
    const c = Math.abs(this.slope), g = this.discount;
    const stride = Math.min(c / (2 * (1 - g)), 4);
    if (stride === 0) return 0;
    const u = 1 - Math.sign(this.slope) * s, m = Math.min(Math.floor(u / stride), 2 ** 1000);
    const rest = u - m * stride, power = g ** m;
    const G = (1 - power) / (1 - g), H = (m - G) / (1 - g);
    return G * (c * rest + stride ** 2) + c * (stride * H) + power * rest ** 2;
  }
}

// Geometric sums for m full steps: power = g^m, G = G_m, H = G_1 + ... + G_m, T = the sum of G_j (G_j + G_{j-1}).
function then(first, n, other) {
  const { power: p, G } = first;
  return {
    power: p * other.power,
    G: G + p * other.G,
    H: first.H + n * G + p * other.H,
    T: first.T + 2 * n * G ** 2 + p * G * (4 * other.H - other.G) + p ** 2 * other.T,
  };
}

// Jumps of 1, 2, 4, ... steps, until one outreaches `distance` or discount^m has vanished.
function ladderTo(discount, distance) {
  const ladder = [{ power: discount, G: 1, H: 1, T: 1 }];
  for (let top = ladder[0]; top.power > 0 && top.H <= distance; top = ladder.at(-1)) {
    ladder.push(then(top, 2 ** (ladder.length - 1), top));
  }
  return ladder;
}

// The sums for the largest m with H_m <= distance.
function fullSteps(ladder, distance) {
  let now = { power: 1, G: 0, H: 0, T: 0 };
  for (let i = ladder.length - 1; i >= 0; i--) {
    const trial = then(now, 2 ** i, ladder[i]);
    if (trial.H <= distance) now = trial;
  }
  return now;
}
