// The critic lab in small, on the first page: one weight, and what each critic predicts, prefers and misses.

import { explorer } from "./explorer.js";
import { advance, errorPanel, lab, more, OUTCOMES, policyPanel, slicePanel, told } from "./lab_panels.js";
import { METHODS_IN_LAB } from "./lab_run.js";
import { LAMBDAS } from "./margins.js";

const CROSSING = 21000; // where the value-only critic's policy is at its best, whatever λ
const WORDS = {
  ...OUTCOMES, away: "has run away: its hill is now a bowl, always best at an end of the line",
  circling: "is still swinging: its error was above 0.005 at some time in the last quarter of this run",
};

export const description = {
  name: "hero",
  title: "Two critics trained side by side, without and with slopes",
  controls: [{ name: "weight", label: "weight λ", values: LAMBDAS, start: 1 }],
  live: { restart: ["weight"], begin, advance, more, pace: 4000, halt: CROSSING },
  show,
};

function begin({ weight }) {
  return lab({ lam_s: weight, lam_a: weight, lr: 1e-4, seed: 0 });
}

export function show({ weight }, run) {
  const hills = hillPanel(run), favourites = hills.dots.map(({ x, method }) => ({ x: 0, y: x, method }));
  const policies = { ...policyPanel(run, ["exact"]), title: "action chosen in each state", dots: favourites, y: [-1.25, 1.25] };
  const errors = { ...errorPanel(run, "policy"), title: "how wrong these actions are", y: [2e-4, 3] }; // holds the runs of every λ
  const said = run.steps === CROSSING ? passing(run, weight) : told(run, weight ? METHODS_IN_LAB : ["value_only"], WORDS);
  const words = `λ = ${weight}.${weight ? "" : " Both critics are now the same."} ${said}`;
  return { panels: [hills, policies, errors].map(dashesOnTop), methods: ["exact", ...METHODS_IN_LAB], words };
}

// The dashed line lets the solid one through where both are the same; the solid one would hide it.
function dashesOnTop(panel) {
  const over = ({ method }) => method === "value_only";
  return { ...panel, lines: [...panel.lines].sort((one, other) => over(one) - over(other)) };
}

// Q at s = 0, each curve less its mean over the actions, which moves no best action; that is marked.
function hillPanel(run) {
  const slice = slicePanel(run, 0, ["exact"]);
  const lines = slice.lines.map(({ x, y, method }) => ({ x, y: level(y), method }));
  const dots = lines.map(({ x, y, method }) => {
    const best = y.indexOf(Math.max(...y));
    return { x: x[best], y: y[best], method };
  });
  const heights = lines.flatMap(({ y }) => y), y = [Math.min(-1.9, 1.05 * Math.min(...heights)), Math.max(1.1, 1.05 * Math.max(...heights))]; // of the true hill; a bowl goes on growing
  const alt = "Q over the action at state 0, less its mean: the exact optimum and both critics, a dot at each one's best action.";
  return { ...slice, title: "hills at s = 0", ylabel: "Q less its mean", y, lines, dots, alt };
}

function level(y) {
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  return y.map((value) => value - mean);
}

function passing(run, weight) {
  const [plain, slopes] = METHODS_IN_LAB.map((method) => run.records.at(-1)[method].policy.toPrecision(2));
  const errors = weight ? `error ${plain}; the Sobolev critic's is ${slopes}` : `error ${plain}`, step = CROSSING.toLocaleString("en");
  return `Step ${step} of this run: the value-only critic's policy is as good as it will get (${errors}). Press Play and watch its hill.`;
}

export default explorer(description);
