// The plane of chapter 04: expected steps of the six weights from a start of the reader's, seen in two of them.

import { explorer } from "./explorer.js";
import { label } from "./plot.js";
import { Critic } from "./quadratic.js";
import { ToyProblem } from "./toy.js";

const STEPS = 3000, LATE = 500, SEEN = 10; // steps taken; those whose growth is told; every tenth is drawn
const SIGN = "by sign", PLAIN = "plain", PAPER = "1, s², a²", CENTRED = "1, s² − ⅓, a² − ⅓";
const RATES = { [SIGN]: 0.005, [PLAIN]: 0.1 };
const PLACES = Array.from({ length: 25 }, (_, i) => (i - 12) / 4);
const FIXED = { x: -1, y: -1.14 }; // of every weight λ, to a hundredth or two
const SPAN = [-4, 8], APART = 1.2; // the frame; how far in it an arrowhead is from the next
const [S, A] = samples(), PROBLEM = new ToyProblem(0.2, 0.9);
const pair = (x, y) => `(${label(x)}, ${label(y)})`;

export const description = {
  name: "plane",
  title: "Where the weights go, seen in the plane of two of them",
  controls: [
    { name: "start_s", label: "start: s²", values: PLACES, start: 0, format: (x) => label(x) },
    { name: "start_a", label: "start: a²", values: PLACES, start: 0, format: (x) => label(x) },
    { name: "weight", label: "weight λ", values: [0, 0.05, 0.1, 0.12, 0.14, 0.16, 0.2, 0.5, 1], start: 0 },
    { name: "steps", label: "steps", values: [SIGN, PLAIN], start: SIGN },
    { name: "features", label: "features", values: [PAPER, CENTRED], start: PAPER },
  ],
  pick: { x: "start_s", y: "start_a" },
  show,
};

// Samples of equal weight: their means of polynomials are exact to the fifth degree, in a also piece by piece.
function samples() {
  const four = [-0.794654472292, -0.187592474085, 0.187592474085, 0.794654472292];
  const acts = Array.from({ length: 60 }, (_, i) => (2 * Math.floor(i / 4) + 1 + four[i % 4]) / 15 - 1);
  const pairs = acts.flatMap((a) => four.map((s) => [s, a]));
  return [0, 1].map((i) => Float64Array.from(pairs, (x) => x[i]));
}

// The weights after each expected step, from zero but for the two that begin elsewhere.
export function walk({ start_s, start_a, weight, steps, features }, n = STEPS) {
  const critic = new Critic(PROBLEM, { lamS: weight, lamA: weight }), { w, targetW, gradient: g } = critic, found = [];
  const rate = RATES[steps], third = features === CENTRED ? 1 / 3 : 0;
  [w[3], w[5]] = [start_s, start_a];
  for (let k = 0; k <= n; k++) {
    found.push([...w]);
    targetW.set(w);
    critic.setGradient(S, A);
    [g[3], g[5]] = [g[3] - third * g[0], g[5] - third * g[0]]; // in the weights of the chosen features
    for (let i = 0; i < 6; i++) g[i] = rate * (steps === SIGN ? Math.sign(g[i]) : g[i] / 2);
    g[0] -= third * (g[3] + g[5]); // and back
    for (let i = 0; i < 6; i++) w[i] -= g[i];
  }
  return found;
}

export function show(state) {
  const found = walk(state), method = state.weight ? "sobolev" : "value_only";
  const drawn = found.filter((_, k) => k % SEEN === 0), inside = (x) => (x > SPAN[0] && x < SPAN[1] ? x : NaN);
  const weights = [["clipped", 0, "1"], ["slope_s", 3, "s²"], ["slope_a", 5, "a²"]];
  const every = drawn.flatMap((w) => weights.map(([, i]) => w[i]));
  const tall = [Math.min(SPAN[0], 1.05 * Math.min(...every)), Math.max(SPAN[1], 1.05 * Math.max(...every))];
  const panels = [
    {
      title: "two of the weights", xlabel: "weight of s²", ylabel: "weight of a²", x: SPAN, y: SPAN, shade: 0,
      lines: [{ x: drawn.map((w) => inside(w[3])), y: drawn.map((w) => inside(w[5])), method, heads: headsOf(drawn) }],
      dots: [{ ...FIXED, method: "exact" }, { x: state.start_s, y: state.start_a, method }],
      alt: "The path of the weights of s² and a². Arrowheads say which way it goes. In the shaded upper half the critic is a bowl over the action.",
    },
    {
      title: "three of them, step by step", xlabel: "step", ylabel: "weight", x: [0, STEPS], y: tall,
      lines: weights.map(([name, i]) => ({ x: drawn.map((_, k) => k * SEEN), y: drawn.map((w) => w[i]), method: name })),
      tags: tagsOf(weights.map(([, i, text]) => ({ y: drawn.at(-1)[i], text })), (tall[1] - tall[0]) / 20),
      alt: "The weights of 1, s² and a² over the steps. On a ray they rise as straight lines.",
    },
  ];
  const names = [[method, "path"], ["exact", "fixed point", true], ["clipped", "weight of 1"], ["slope_s", "of s²"], ["slope_a", "of a²"]];
  return { panels, methods: names, words: wordsOf(state, found) };
}

// At which of these weights an arrowhead stands: where the path is APART from where it had one before.
function headsOf(drawn) {
  const heads = [];
  let last = drawn[0];
  drawn.forEach((w, i) => {
    if (Math.hypot(w[3] - last[3], w[5] - last[5]) < APART) return;
    heads.push(i);
    last = w;
  });
  return heads;
}

// The names of the three lines at their ends, one tag for those that lie within `near` of each other.
function tagsOf(ends, near) {
  const tags = [];
  for (const { y, text } of [...ends].sort((one, other) => one.y - other.y)) {
    const below = tags.at(-1);
    if (below && y - below.y < near) below.y = y;
    else tags.push({ x: STEPS, y, names: [] });
    tags.at(-1).names.push(text);
  }
  return tags.map(({ names, ...place }) => ({ ...place, text: ends.flatMap(({ text }) => (names.includes(text) ? [text] : [])).join(", ") }));
}

function wordsOf({ start_s, start_a, weight, steps, features }, found) {
  const setting = `From ${pair(start_s, start_a)}, λ = ${label(weight)}, steps ${steps}, features ${features}: after ${STEPS.toLocaleString("en")} steps`;
  const [, , , s, , a] = found.at(-1), before = found.at(-1 - LATE);
  const grown = [0, 3, 5].map((i) => (found.at(-1)[i] - before[i]) / (LATE * RATES[steps]));
  const off = Math.max(...found.slice(-LATE).map((w) => Math.hypot(w[3] - FIXED.x, w[5] - FIXED.y)));
  if (a > 0 && grown[2] > 0) return `${setting} the critic is a bowl and grows on. In units of a step the weights of 1, s², a² rise by ${grown.map((x) => label(Math.round(100 * x) / 100)).join(", ")}.`;
  if (a > 0) return `${setting} the critic is still a bowl, and the weight of a² falls.`;
  return `${setting} the critic is a hill and ${off < 0.2 ? "at rest by the fixed point" : "not at rest"}, at ${pair(s, a)}.`;
}

export default explorer(description);
