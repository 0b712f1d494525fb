// The first explorer of chapter 02: the reader sets an agent's feet between 0 and the wall.

import { explorer } from "./explorer.js";
import { collected, feet, follow, hops, WALL } from "./hops.js";
import { ToyProblem } from "./toy.js";

const PROBLEM = new ToyProblem(0.2, 0.9), LONG = 400, SHOWN = 25;
const PLACES = Array.from({ length: 101 }, (_, i) => i / 100);
const FEET = ["first", "second", "third", "fourth"];
const LEAP = [0, WALL], BEST = follow([0], (s) => PROBLEM.optimalPolicy(s), FEET.length + 1);
const STEPS = Array.from({ length: SHOWN }, (_, i) => i + 1);
const told = (x) => x.toFixed(3).replace("-", "−");
const worth = (path) => collected(PROBLEM, path, LONG).at(-1);
const lengths = (path) => path.slice(1).map((x, k) => x - path[k]).filter((d) => d > 0).map((d) => d.toFixed(2)).join(", ");

export const description = {
  name: "footprints",
  title: "Footprints from 0 to the wall",
  controls: [
    ...FEET.map((name, k) => ({ name, label: `${name} footprint`, values: PLACES, start: k ? WALL : 0.5, format: (x) => x.toFixed(2) })),
    { name: "best", label: "show the best path", values: [false, true], start: false },
  ],
  // No foot is set behind the one before: the moved one pushes the others along.
  adjust(state, moved) {
    const at = FEET.indexOf(moved);
    if (at < 0) return state;
    const pushed = (x, k) => (k < at ? Math.min(x, state[moved]) : Math.max(x, state[moved]));
    return { ...state, ...Object.fromEntries(FEET.map((name, k) => [name, pushed(state[name], k)])) };
  },
  agree(state) {
    const places = FEET.map((name) => state[name]), sorted = [...places].sort((a, b) => a - b);
    if (sorted.every((x, k) => x === places[k])) return null;
    FEET.forEach((name, k) => (state[name] = sorted[k]));
    return "Footprints put in their order.";
  },
  show,
};

export function show(state) {
  const yours = [0, ...FEET.map((name) => state[name]), WALL];
  const paths = [["clipped", LEAP], ["slope_s", yours], ...(state.best ? [["exact", BEST]] : [])];
  const panels = [
    {
      title: "what it does", xlabel: "state s", ylabel: "length of the step", x: [-0.05, 1.05], y: [0, 1.1], rules: [WALL],
      lines: paths.map(([method, path]) => hops(path, method)), dots: feet(yours, "slope_s"),
      alt: `Hops from 0 to the wall at 1, each as high as it is long. Yours are ${lengths(yours)} long; the leap is one of length 1.`,
    },
    {
      title: "collected so far, discounted", xlabel: "steps taken", ylabel: "return so far", x: [0, SHOWN], y: [-1, 1.6],
      lines: paths.map(([method, path]) => ({ x: STEPS, y: collected(PROBLEM, path, SHOWN), method })),
      alt: `What each path has earned after 1 to ${SHOWN} steps. The leap starts at −0.8.`,
    },
  ];
  const best = state.best ? ` with steps ${lengths(BEST)}` : "";
  const words = `With steps ${lengths(yours)} you return ${told(worth(yours))}. One leap returns ${told(worth(LEAP))}, the best path ${told(worth(BEST))}${best}.`;
  const names = { clipped: "one leap", slope_s: "your path", exact: "the best path" };
  return { panels, methods: paths.map(([method]) => [method, names[method]]), words };
}

export default explorer(description);
