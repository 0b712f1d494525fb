// The second explorer of chapter 02: the reader chooses an agent's first action and the rule it follows ever after.

import { explorer } from "./explorer.js";
import { collected, feet, follow, hops, WALL } from "./hops.js";
import { label } from "./plot.js";
import { ToyProblem } from "./toy.js";

const PROBLEM = new ToyProblem(0.2, 0.9), LONG = 300, SEEN = 24;
const even = (n) => Array.from({ length: 2 * n + 1 }, (_, i) => (i - n) / n);
const STARTS = even(5), ACTIONS = even(100), LEAST = -2.1; // below it curves leave the frame
const RULES = {
  clipped: (s) => PROBLEM.clippedPolicy(s),
  "steps of 0.1": (s) => Math.min(WALL, s + 0.1),
  best: (s) => PROBLEM.optimalPolicy(s),
};
const AFTER = { clipped: "the clipped rule follows", "steps of 0.1": "steps of 0.1 follow", best: "the best rule follows" };
const NAMES = [["slope_s", "your agent"], ["exact", "the best agent"]];

export const description = {
  name: "agent",
  title: "An agent taken by hand",
  controls: [
    { name: "start", label: "start s", values: STARTS, start: 0, format: (x) => label(x) },
    { name: "first", label: "first action a", values: ACTIONS, start: 1, format: (x) => label(x) },
    { name: "after", label: "afterwards", values: Object.keys(RULES), start: "clipped" },
  ],
  show,
};

const known = {}; // what was worked out before, so that a dragged action does not wait
const returns = (start, rule) => (known[`${start} ${rule}`] ??= ACTIONS.map((a) => q(start, a, rule)));

// What doing `a` at `s` and following the rule `after` returns.
export function q(s, a, after) {
  return collected(PROBLEM, follow([s, a], RULES[after], LONG), LONG).at(-1);
}

export function show({ start, first, after }) {
  const yours = follow([start, first], RULES[after], SEEN), best = follow([start], RULES.best, SEEN);
  const curve = (rule) => returns(start, rule).map((y) => (y < LEAST ? NaN : y));
  const [top, peak] = ["best", after].map((rule) => peakOf(returns(start, rule)));
  const here = q(start, first, after), short = PROBLEM.optimalValue(start) - here;
  const panels = [
    {
      title: "where it goes", xlabel: "state s", ylabel: "length of the step", x: [-1.05, 1.05], y: [0, 2.1], rules: [WALL],
      lines: [hops(best, "exact"), hops(yours, "slope_s")], dots: feet(yours, "slope_s"),
      alt: "Your agent's hops and the best agent's along the line, each as high as it is long.",
    },
    {
      title: "what it returns", xlabel: "first action a", ylabel: "Q", x: [-1, 1], y: [LEAST, -LEAST], rules: [first],
      lines: [{ x: ACTIONS, y: curve("best"), method: "exact" }, { x: ACTIONS, y: curve(after), method: "slope_s" }],
      dots: [{ ...top, method: "exact" }, { ...peak, method: "slope_s" }, { x: first, y: here < LEAST ? NaN : here, method: "slope_s" }],
      alt: "The return over the first action, by your rule and by the best; dots at the two peaks, and at your first action, where the dotted line stands.",
    },
  ];
  const steps = (x) => Math.abs(x - start).toFixed(2);
  const words = `If you step from ${label(start)} to ${label(first)} and then ${AFTER[after]}, you return ${label(here, 4)}, ${label(short < 1e-4 ? 0 : short, 4)} less than the best. ` +
    `The first step that returns most is ${steps(peak.x)} long if ${AFTER[after]}, and ${steps(top.x)} long if the best rule follows.`;
  return { panels, methods: NAMES, words };
}

// The highest point of a curve over the actions.
function peakOf(curve) {
  const y = Math.max(...curve);
  return { x: ACTIONS[curve.indexOf(y)], y };
}

export default explorer(description);
