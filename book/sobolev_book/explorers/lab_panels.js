// What the critic lab draws and says of a run.

import { LabRun, METHODS_IN_LAB } from "./lab_run.js";
import { LAMBDAS, MARGINS, RAYS } from "./margins.js";
import { METHODS } from "./plot.js";
import { greedy, q } from "./quadratic.js";

export const END = 60000; // steps of a run; playing on adds as many
export const AXIS = Array.from({ length: 101 }, (_, i) => (i - 50) / 50);
export const ERRORS = { policy: "policy", slope: "q_a", value: "q", "value less its offset": "q_centred" };
const NAMES = { value_only: "The value-only critic", sobolev: "The Sobolev critic" };
export const OUTCOMES = {
  away: "has run away: it is convex in the action",
  settled: "has settled",
  circling: "is circling, or still on its way: neither away nor below 0.005 for the last quarter of the run",
};
const KEY = { circling: "circling, or still on its way" };
const SHADES = { settled: "#0072B2", circling: "#7f7f7f", away: "#D55E00" };

// A run for the player; `settings` as LabRun wants them.
export const lab = (settings) => new LabRun({ ...settings, end: END });
export const advance = (run, goes) => run.advance(goes);
export const more = (run) => run.goOn(END);

export function errorPanel(run, error) {
  const steps = run.records.map(({ step }) => step / 1000), name = ERRORS[error];
  const lines = METHODS_IN_LAB.map((method) => ({ x: steps, y: run.records.map((x) => x[method][name]), method }));
  return {
    title: `error of the ${error}`, xlabel: "thousand steps", ylabel: "mean square", x: [0, run.end / 1000], y: null, ylog: true, lines,
    alt: `Mean square error of the ${error} over training steps on a log scale, value-only and Sobolev.`,
  };
}

export function slicePanel(run, s, references) {
  const { problem, critics } = run, truth = { exact: "optimalQ", clipped: "clippedQ" };
  const known = references.map((name) => ({ x: AXIS, y: AXIS.map((a) => problem[truth[name]](s, a)), method: name }));
  const learnt = METHODS_IN_LAB.map((method) => ({ x: AXIS, y: AXIS.map((a) => q(critics[method].w, s, a)), method }));
  return {
    title: `Q at s = ${s}`, xlabel: "action a", ylabel: "Q", x: [-1, 1], y: null, lines: [...known, ...learnt],
    alt: `Q over the action at state ${s}: the exact optimum and both critics.`,
  };
}

export function policyPanel(run, references) {
  const { problem, critics, truth: { actions } } = run, policies = { exact: "optimalPolicy", clipped: "clippedPolicy" };
  const known = references.map((name) => ({ x: AXIS, y: AXIS.map((s) => problem[policies[name]](s)), method: name }));
  const learnt = METHODS_IN_LAB.map((method) => ({ x: AXIS, y: AXIS.map((s) => greedy(critics[method].w, s, actions)), method }));
  return {
    title: "greedy policy", xlabel: "state s", ylabel: "action a", x: [-1, 1], y: [-1.1, 1.1], lines: [...known, ...learnt],
    alt: "Greedy action over the state: the optimal policy and those of both critics.",
  };
}

export function pathPanel(run) {
  const lines = METHODS_IN_LAB.map((method) => ({
    x: run.records.map((x) => x[method].bendS), y: run.records.map((x) => x[method].bendA), method,
  }));
  const dots = lines.map(({ x, y, method }) => ({ x: x.at(-1), y: y.at(-1), method }));
  const span = (values, low, high) => [1.05 * Math.min(low, ...values), 1.05 * Math.max(high, ...values)];
  return {
    title: "path of two weights", xlabel: "weight of s²", ylabel: "weight of a²", shade: 0, lines, dots,
    x: span(lines.flatMap(({ x }) => x), -2, 1), y: span(lines.flatMap(({ y }) => y), -2, 1),
    alt: "The weights of s² and a² during training. Above zero, shaded, a critic is convex in the action.",
  };
}

// How each critic stood over the run so far: a bar in pieces of one colour, as HTML.
export function strip(run) {
  const bars = METHODS_IN_LAB.map((method) => {
    const states = run.states(method), steps = run.records.map(({ step }) => step);
    const turns = states.flatMap((state, i) => (i && state !== states[i + 1] ? [i] : []));
    const pieces = turns.map((i, n) => ({ state: states[i], from: steps[turns[n - 1] ?? 0], to: steps[i] }));
    const drawn = pieces.map(({ state, from, to }) => `<rect x="${from}" width="${to - from}" height="1" fill="${SHADES[state]}"/>`);
    const told = pieces.map(({ state, to }) => `${state} to step ${to.toLocaleString("en")}`).join(", ");
    const box = `viewBox="0 0 ${run.end} 1" preserveAspectRatio="none" role="img" aria-label="${NAMES[method]}: ${told}"`;
    return `<span><span>${METHODS[method][0]}</span><svg ${box}>${drawn.join("")}</svg></span>`;
  });
  const key = Object.entries(SHADES).map(([state, color]) => `<span><svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" fill="${color}"/></svg> ${KEY[state] ?? state}</span>`);
  return `<div class="strip">${bars.join("")}</div><p class="states">${key.join(" ")} <span>(empty: not trained yet)</span></p>`;
}

// How the critics stand, in words.
export function told(run, methods, outcomes = OUTCOMES) {
  if (run.overflow !== null) {
    const { method, step } = run.overflow;
    return `${NAMES[method]}'s weights left the numbers that a computer has, at step ${step}, and the run was set back to its start. Choose a smaller rate or weight.`;
  }
  const now = run.records.at(-1);
  const ends = methods.map((method) => `${NAMES[method]} ${outcomes[run.outcome(method)]} (policy error ${now[method].policy.toPrecision(2)}).`);
  return `Step ${run.steps.toLocaleString("en")} of this run: ${ends.join(" ")}`;
}

// What theory says of these weights: of steps by sign far out, and of small plain steps near the fixed point.
export function theory(lam_s, lam_a) {
  const [i, j] = [lam_s, lam_a].map((lam) => LAMBDAS.indexOf(lam));
  const far = RAYS[i][j] ? "a ray keeps steps by sign there" : "no ray keeps steps by sign there";
  return `Theory: far out ${far}; near the fixed point small plain steps are ${MARGINS[i][j] > 0 ? "stable" : "unstable"}.`;
}
