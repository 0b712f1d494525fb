// The explorer of chapter 02 between two breakpoints: a short last step lengthens all steps before it.

import { explorer } from "./explorer.js";

const HALF = 0.1, DISCOUNT = 0.9, MOST = 7;
const POWERS = Array.from({ length: MOST + 1 }, (_, k) => DISCOUNT ** k);
const FULL = POWERS.map((power) => (HALF * (1 - power)) / (1 - DISCOUNT)); // D_0, ..., D_7
const COVERED = FULL.map((_, m) => FULL.slice(0, m + 1).reduce((sum, d) => sum + d, 0)); // P_0, ..., P_7
const DISTANCES = Array.from({ length: 201 }, (_, i) => i / 100);
const told = (x, digits = 3) => x.toFixed(digits);
const bar = (k, low, high, method) => ({ x: [k, k], y: [low, high], method, width: 16, dash: "" });

export const description = {
  name: "stretch",
  title: "The steps from one distance",
  controls: [{ name: "distance", label: "distance u", values: DISTANCES, start: 0.85, format: (x) => told(x, 2) }],
  show,
};

// How many full steps fit, and each step at distance u, the last before the wall first: { m, x, steps }.
export function stepsFrom(u) {
  const m = COVERED.findLastIndex((distance) => distance <= u + 1e-12);
  const x = Math.max(u - COVERED[m], 0) / POWERS.slice(0, m + 1).reduce((sum, power) => sum + power, 0);
  return { m, x, steps: FULL.slice(0, m + 1).map((d, k) => d + POWERS[k] * x) };
}

export function show({ distance: u }) {
  const { m, x, steps } = stepsFrom(u), first = steps[m];
  const panels = [
    {
      title: "the steps", xlabel: "step k, counted back from the wall", ylabel: "length", x: [-0.7, MOST - 0.3], y: [0, 0.55],
      lines: steps.flatMap((step, k) => [bar(k, 0, FULL[k], "clipped"), ...(x > 1e-12 ? [bar(k, FULL[k], step, "slope_s")] : [])]),
      alt: `A bar for each step, the last one first: ${steps.map((step) => told(step)).join(", ")}. The coloured top of a bar is what the last step adds to it.`,
    },
    {
      title: "the first step from everywhere", xlabel: "distance u to the wall", ylabel: "first step d", x: [0, 2], y: [0, 0.55], rules: [u],
      lines: [{ x: DISTANCES, y: DISTANCES.map((at) => stepsFrom(at).steps.at(-1)), method: "exact" }],
      dots: [...COVERED.slice(1, MOST).map((at, k) => ({ x: at, y: FULL[k + 1], method: "exact" })), { x: u, y: first, method: "slope_s" }],
      alt: "The first step over the distance, a line with corners where one more full step fits; a dot at this distance.",
    },
  ];
  const extra = x > 1e-12 ? `a short one of ${told(x)} at the wall and ` : "";
  const words = `From u = ${told(u, 2)}: ${extra}${m} full ones${extra && ", each made longer"}. The first step is ${told(FULL[m])} + ${told(first - FULL[m])} = ${told(first)}.`;
  return { panels, methods: [["clipped", "full steps", true], ["slope_s", "what the short one adds", true], ["exact", "the best first step"]], words };
}

export default explorer(description);
