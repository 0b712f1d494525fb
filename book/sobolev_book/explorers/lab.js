// The critic lab of chapter 04: two critics trained live, without and with slopes.

import { explorer } from "./explorer.js";
import { advance, AXIS, ERRORS, errorPanel, lab, more, pathPanel, policyPanel, slicePanel, strip, theory, told } from "./lab_panels.js";
import { METHODS_IN_LAB } from "./lab_run.js";
import { LAMBDAS } from "./margins.js";

const ROOM = 1.5; // above and below the truth, in the slice
const ADAM = "Adam", PLAIN = "plain steps";
const TARGETS = {
  "current critic": { target: "current" },
  "Polyak, 0.005 a step": { target: "polyak", tau: 0.005 },
  "copied every 1,000 steps": { target: "hard", refreshEvery: 1000 },
  "copied every 10,000 steps": { target: "hard", refreshEvery: 10000 },
};
const RATES = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3];

export const description = {
  name: "lab",
  title: "The critic lab: train two critics side by side",
  controls: [
    { name: "lam_s", label: "weight λₛ", values: LAMBDAS, start: 0.2 },
    { name: "lam_a", label: "weight λₐ", values: LAMBDAS, start: 0.2 },
    { name: "equal", label: "keep equal", values: [false, true], start: true },
    { name: "optimizer", label: "optimiser", values: [ADAM, PLAIN], start: ADAM },
    { name: "rate", label: "rate η", values: RATES, start: 1e-4 },
    { name: "target", label: "target", values: Object.keys(TARGETS), start: "current critic", more: true },
    { name: "seed", label: "seed", values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], start: 0, more: true },
    { name: "state", label: "state s", values: AXIS.filter((_, i) => i % 5 === 0), start: 0.5, more: true },
    { name: "error", label: "error of", values: Object.keys(ERRORS), start: "policy", more: true },
    { name: "clipped", label: "clipped optimum", values: [false, true], start: false, more: true },
  ],
  agree(state) {
    if (!state.equal || state.lam_s === state.lam_a) return null;
    state.equal = false;
    return `"keep equal" is not ticked, for λₛ = ${state.lam_s} and λₐ = ${state.lam_a} differ.`;
  },
  adjust(state, name) {
    if (!state.equal || !["lam_s", "lam_a", "equal"].includes(name)) return state;
    const both = name === "lam_a" ? state.lam_a : state.lam_s;
    return { ...state, lam_s: both, lam_a: both };
  },
  moved(asked, state, name) {
    if (name !== "equal" || asked.lam_a === state.lam_a) return [];
    return [`"keep equal" is ticked, so λₐ goes from ${asked.lam_a} to λₛ = ${state.lam_s}.`];
  },
  live: { restart: ["lam_s", "lam_a", "rate", "optimizer", "target", "seed"], begin, advance, more },
  show,
};

function begin({ lam_s, lam_a, rate, optimizer, target, seed }) {
  const steps = { optimizer: optimizer === ADAM ? "adam" : "sgd", lr: rate };
  return lab({ lam_s, lam_a, seed, ...steps, ...TARGETS[target] });
}

export function show(state, run) {
  const references = state.clipped ? ["clipped", "exact"] : ["exact"];
  const four = [errorPanel(run, state.error), framed(slicePanel(run, state.state, references)), policyPanel(run, references), pathPanel(run)];
  return { panels: four.map((panel) => ({ ...panel, height: 190 })), methods: [...references, ...METHODS_IN_LAB], above: strip(run), words: wordsOf(state, run), note: noteOf(state) };
}

// The slice in a frame about the truth that does not move: a critic that runs away leaves it.
function framed(panel) {
  const truth = panel.lines.find(({ method }) => method === "exact").y;
  const [low, high] = [Math.min(...truth) - ROOM, Math.max(...truth) + ROOM];
  const inside = (y) => (y > low && y < high ? y : NaN);
  return { ...panel, y: [low, high], lines: panel.lines.map((line) => ({ ...line, y: line.y.map(inside) })), alt: `${panel.alt} What has run away leaves the frame.` };
}

function wordsOf(state, run) {
  const { optimizer, rate, target, seed, lam_s, lam_a } = state;
  const setting = `λₛ = ${lam_s}, λₐ = ${lam_a}; ${optimizer} at rate ${rate} from zero weights, target: ${target}, seed ${seed}.`;
  return `${setting} ${told(run, METHODS_IN_LAB)}`;
}

const noteOf = ({ lam_s, lam_a }) => theory(lam_s, lam_a);

export default explorer(description);
