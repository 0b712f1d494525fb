// The explorer of chapter 02: the exact optimum for any slope c and discount.

import { explorer } from "./explorer.js";
import { ToyProblem } from "./toy.js";

const STATES = Array.from({ length: 201 }, (_, i) => (i - 100) / 100);
const tenths = (from, to, step) => Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => Number((from + i * step).toFixed(3)));

export const description = {
  name: "optimum",
  title: "The exact optimum for other rewards and discounts",
  controls: [
    { name: "slope", label: "reward c", values: tenths(-1, 1, 0.05), start: 0.2, format: (x) => x.toFixed(2) },
    { name: "discount", label: "discount γ", values: [...tenths(0, 0.95, 0.05), 0.97, 0.98, 0.99], start: 0.9, format: (x) => x.toFixed(2) },
    { name: "state", label: "state s", values: tenths(-1, 1, 0.05), start: -0.5, format: (x) => x.toFixed(2) },
  ],
  show,
};

export function show({ slope, discount, state }) {
  const problem = new ToyProblem(slope, discount), rules = problem.breakpoints();
  const line = (name, method) => ({ x: STATES, y: STATES.map((s) => problem[name](s)), method });
  const slice = (name, method) => ({ x: STATES, y: STATES.map((a) => problem[name](state, a)), method });
  const best = problem.optimalPolicy(state), clipped = problem.clippedPolicy(state);
  const chosen = [["clippedQ", clipped, "clipped"], ["optimalQ", best, "exact"]];
  const dots = chosen.map(([name, a, method]) => ({ x: a, y: problem[name](state, a), method }));
  const gap = Math.max(...STATES.map((s) => problem.optimalValue(s) - problem.clippedValue(s)));
  const panels = [
    {
      title: "policy", xlabel: "state s", ylabel: "action a", x: [-1, 1], y: [-1.1, 1.1], rules,
      lines: [line("clippedPolicy", "clipped"), line("optimalPolicy", "exact")],
      alt: `Optimal and clipped action over the state. Dotted lines: ${rules.length} states where the optimal policy changes piece.`,
    },
    {
      title: "value", xlabel: "state s", ylabel: "value V", x: [-1, 1], y: null, rules,
      lines: [line("clippedValue", "clipped"), line("optimalValue", "exact")],
      alt: "Value of the optimal and of the clipped policy over the state.",
    },
    {
      title: `Q at s = ${state.toFixed(2)}`, xlabel: "action a", ylabel: "Q", x: [-1, 1], y: null, dots,
      lines: [slice("clippedQ", "clipped"), slice("optimalQ", "exact")],
      alt: `Q over the action at state ${state.toFixed(2)}, exact and clipped, with a dot at what each policy does.`,
    },
  ];
  const pieces = rules.length + 1;
  const words = `c = ${slope.toFixed(2)}, γ = ${discount.toFixed(2)}: the optimal policy has ${pieces} ${pieces === 1 ? "piece" : "pieces"}. ` +
    `At s = ${state.toFixed(2)} it goes to ${best.toFixed(3)}, the clipped one to ${clipped.toFixed(3)}. ` +
    `Clipping costs up to ${gap.toPrecision(2)} in value.`;
  return { panels, methods: ["exact", "clipped"], words };
}

export default explorer(description);
