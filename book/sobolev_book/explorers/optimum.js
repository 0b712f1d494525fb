// The explorer of chapter 02: the exact optimum for any slope c and discount.

import { explorer } from "./explorer.js";
import { ToyProblem } from "./toy.js";

const STATES = Array.from({ length: 201 }, (_, i) => (i - 100) / 100);
const told = (x) => x.toFixed(2).replace("-", "−");
const tenths = (from, to, step) => Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => Number((from + i * step).toFixed(3)));

export const description = {
  name: "optimum",
  title: "The exact optimum for other rewards and discounts",
  controls: [
    { name: "slope", label: "reward c", values: tenths(-1, 1, 0.05), start: 0.2, format: (x) => told(x) },
    { name: "discount", label: "discount γ", values: [...tenths(0, 0.95, 0.05), 0.97, 0.98, 0.99], start: 0.9, format: (x) => told(x) },
  ],
  show,
};

// The lowest value, less that at the wall, is −4: a leap across. So axes stay put while c and the discount move.
const HEIGHTS = [-4.2, 0.2], NOTHING = 1e-9;

export function show({ slope, discount }) {
  const problem = new ToyProblem(slope, discount), breaks = problem.breakpoints(), top = Math.abs(slope) / (1 - discount);
  const line = (y, method) => ({ x: STATES, y, method, width: method === "clipped" ? 3.5 : 2 }); // dots are faint
  const policy = (name, method) => line(STATES.map((s) => problem[name](s)), method);
  const value = (name, method) => line(STATES.map((s) => problem[name](s) - top), method);
  const gap = Math.max(...STATES.map((s) => problem.optimalValue(s) - problem.clippedValue(s)));
  const panels = [
    {
      title: "policy", xlabel: "state s", ylabel: "action", x: [-1, 1], y: [-1.1, 1.1],
      dots: breaks.map((s) => ({ x: s, y: problem.optimalPolicy(s), method: "exact" })),
      lines: [policy("clippedPolicy", "clipped"), policy("optimalPolicy", "exact")],
      alt: `Optimal and clipped action over the state. Dots: ${breaks.length} states where the optimal policy changes piece.`,
    },
    {
      title: "V less V(wall)", xlabel: "state s", ylabel: "V", x: [-1, 1], y: HEIGHTS,
      lines: [value("clippedValue", "clipped"), value("optimalValue", "exact")],
      alt: "Value of the optimal and of the clipped policy over the state, less the value at the wall.",
    },
  ];
  const pieces = breaks.length + 1;
  const words = `c = ${told(slope)}, γ = ${discount.toFixed(2)}: the optimal policy has ${pieces} ${pieces === 1 ? "piece" : "pieces"}. ` +
    `Clipping costs ${gap > NOTHING ? `up to ${gap.toPrecision(2)} in value` : "nothing"}.`;
  return { panels, methods: ["exact", "clipped"], words };
}

export default explorer(description);
