// The first explorer of chapter 03: the Bellman backup as a diagram, beside each arrow the slope along it.

import { explorer } from "./explorer.js";
import { arrowhead, label, METHODS } from "./plot.js";

const COST = 0.2, DISCOUNT = 0.9;
const PLACES = Array.from({ length: 41 }, (_, i) => (i - 20) / 20); // none is 2/3, where the best action meets its bound
const WHO = ["the maximum", "an actor"];
const NAMES = [["exact", "through the reward"], ["sobolev", "through the next state"], ["slope_a", "through the next action"]];
const BOXES = { // the middle, half the size, and where the words' values come from
  from: [150, 24, 104, 16, ({ s, a }) => `state s = ${label(s)}, action a = ${label(a)}`],
  reward: [64, 150, 52, 16, ({ r }) => `reward ${label(r)}`],
  next: [212, 104, 72, 16, ({ a }) => `next state s′ = ${label(a)}`],
  action: [330, 176, 80, 16, ({ b }) => `next action a′ = ${label(b)}`],
  critic: [212, 248, 84, 16, ({ q }) => `target critic ${label(q)}`],
  to: [150, 330, 60, 16, ({ y }) => `target y = ${label(y)}`],
};
const ARROWS = [ // from, to, path, the slope along it, where that stands
  ["from", "reward", "exact", ({ ra }) => `∂r/∂a = ${label(ra)}`, [92, 84, "end"]],
  ["reward", "to", "exact", () => "1", [88, 245, "end"]],
  ["from", "next", "sobolev", () => "∂f/∂a = 1", [196, 66, "start"]],
  ["next", "critic", "sobolev", ({ qs }) => `∂Q/∂s′ = ${label(qs)}`, [204, 180, "end"]],
  ["critic", "to", "sobolev", () => `γ = ${DISCOUNT}`, [194, 294, "start"]],
  ["next", "action", "slope_a", ({ moves }) => `da′/ds′ = ${label(moves)}`, [288, 138, "start"]],
  ["action", "critic", "slope_a", ({ qa }) => `∂Q/∂a′ = ${label(qa)}`, [288, 220, "start"]],
];

export const description = {
  name: "backup",
  title: "The backup and the paths of its slope",
  controls: [
    { name: "s", label: "state s", values: PLACES, start: 0.2, format: (x) => label(x) },
    { name: "a", label: "action a", values: PLACES, start: 0.5, format: (x) => label(x) },
    { name: "who", label: "who picks a′", values: WHO, start: WHO[0] },
  ],
  show,
};

// Every number of the diagram; the next state is the action.
export function numbers({ s, a, who }) {
  const inside = Math.abs(1.5 * a) < 1, actor = who === WHO[1];
  const b = actor ? 0.8 * a : inside ? 1.5 * a : Math.sign(a);
  const moves = actor ? 0.8 : inside ? 1.5 : 0;
  const clean = (x) => Number(x.toFixed(12)); // no rounding error where the slope is 0
  const [r, q, ra] = [COST * a - (a - s) ** 2, a ** 3 + 3 * a * b - b ** 2, COST - 2 * (a - s)].map(clean);
  const [qs, qa] = [3 * a ** 2 + 3 * b, 3 * a - 2 * b].map(clean);
  const held = clean(DISCOUNT * qs), dashed = clean(DISCOUNT * moves * qa);
  return { s, a, b, r, q, y: r + DISCOUNT * q, ra, qs, qa, moves, held, dashed, slope: clean(ra + held + dashed) };
}

export function show(state) {
  const at = numbers(state), { ra, held, dashed, slope, moves } = at;
  const why = dashed ? `so to hold a′ still would be wrong by ${label(dashed, 4)}`
    : moves ? "moving a′ is worth nothing, so it may be held still" : "a′ is at its bound and cannot move";
  const words = `A little more action moves y at a rate of ${label(ra, 4)} through the reward, ${label(held, 4)} through the next state ` +
    `and ${label(dashed, 4)} through the next action (${why}). Together that is ${label(slope, 4)}.`;
  return { panels: [], methods: NAMES, words, above: drawn(at, words) };
}

function drawn(at, words) {
  const arrows = ARROWS.map(([from, to, path]) => arrow(BOXES[from], BOXES[to], path, path === "slope_a" && !at.dashed));
  const boxes = Object.values(BOXES).map(([x, y, w, h, text]) =>
    `<rect x="${x - w}" y="${y - h}" width="${2 * w}" height="${2 * h}" rx="5" fill="none" stroke="currentColor" stroke-opacity="0.5"/>` +
    `<text x="${x}" y="${y + 4}" text-anchor="middle">${text(at)}</text>`);
  const slopes = ARROWS.map(([, , , text, [x, y, anchor]]) => `<text x="${x}" y="${y}" text-anchor="${anchor}">${text(at)}</text>`);
  const look = 'style="display:block;width:100%;max-width:34rem;height:auto;margin:0.5rem auto;font:13px sans-serif;fill:currentColor"';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 352" role="img" aria-label="A diagram of the backup. ${words}" ${look}>` +
    `${[...arrows, ...boxes, ...slopes].join("")}</svg>`;
}

// An arrow between the edges of two boxes; a faint one carries nothing.
function arrow([x0, y0, w0, h0], [x1, y1, w1, h1], path, faint) {
  const [dx, dy] = [x1 - x0, y1 - y0], share = (w, h) => Math.min(w / Math.abs(dx || 1e-9), h / Math.abs(dy || 1e-9));
  const [from, to] = [share(w0, h0), 1 - share(w1, h1) - 7 / Math.hypot(dx, dy)];
  const [start, end] = [from, to].map((t) => [x0 + t * dx, y0 + t * dy].map((z) => Math.round(z * 10) / 10).join(","));
  const [, color, dash] = METHODS[path];
  return `<g opacity="${faint ? 0.55 : 1}"><path fill="none" stroke="${color}" stroke-width="2.5" stroke-dasharray="${dash}" d="M${start}L${end}"/>` +
    `${arrowhead(start, end, color)}</g>`;
}

export default explorer(description);
