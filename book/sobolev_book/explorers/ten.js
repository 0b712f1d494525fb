// Ten networks of chapter 01 over training, and a ball that climbs one of them; when it stops, the balls of all ten
// lie where they end. The networks are in the data that Python writes (`ten.py`):
//
// { name, title, axes: [{ name, label, values, start }], begin, slope, summits, samples, labels }
// begin: a network's value at a = -1; slope: its mean slope in each cell of a, which with `begin` give its values; summits:
// how many it has. Each over the axes updates, slopes, network and draw, see `unpack`. labels: of each draw, one at each of `samples`.

import { explorer } from "./explorer.js";
import { unpack } from "./packed.js";
import { label } from "./plot.js";
import { ToyProblem } from "./toy.js";

const AGAIN = { name: "draw", label: "Draw again" };
const RATE = 0.0005; // of the climb: no step is longer than a cell
const NEAR = 0.06; // balls that stop no farther apart are counted as one heap
const PROBLEM = new ToyProblem(), BEST = PROBLEM.optimalPolicy(0);
const KEY = [["value_only", "trained on values"], ["sobolev", "on values and slopes"], ["exact", "exact Q*"],
  ["constant", "ball and its way; ×9: nine of the ten stop here", true], ["clipped", "labels", true]];

export function describe(data) {
  const format = (x) => (typeof x === "number" ? (x > 999 ? x.toLocaleString("en") : label(x)) : x);
  const controls = data.axes.map((axis) => ({ ...axis, format }));
  const begin = (state) => climber(networkAt(data, state), state.start);
  const more = (run) => Object.assign(run, climber(run.curve, run.start)); // at its end: once more
  const live = { restart: controls.map(({ name }) => name), waiting: "The ball climbs …", pace: 800, begin, advance, more };
  return { name: data.name, title: data.title, controls, live, again: AGAIN, show: (state, run) => show(data, state, run) };
}

const placeOf = (data, state) => Object.fromEntries(data.axes.map(({ name, values }) => [name, values.indexOf(state[name])]));

// The network that a state chooses: actions a and values q at the cells' ends, and the slope in each cell.
export function networkAt(data, state) {
  const place = placeOf(data, state), slope = unpack(data, data.slope, "mean", place), h = 2 / slope.length;
  const q = [unpack(data, data.begin, "mean", place)[0]];
  for (const g of slope) q.push(q.at(-1) + h * g);
  return { a: q.map((_, i) => h * i - 1), q, slope };
}

// A ball at a cell's end, and the way it goes: +1, -1, or 0 on a summit.
function climber(curve, start) {
  const { slope } = curve, k = Math.round(((start + 1) / 2) * slope.length);
  const way = slope[k] > 0 ? 1 : slope[k - 1] < 0 ? -1 : 0;
  return { curve, start, a: curve.a[k], cell: way < 0 ? k - 1 : k, way, steps: 0, ended: way === 0 };
}

function advance(run, goes) {
  for (let i = 0; !run.ended && goes(i); i++) {
    const { curve: { a, slope }, way } = run, end = a[run.cell + (way > 0)];
    run.a += RATE * slope[run.cell];
    run.steps += 1;
    if (way * (run.a - end) < 0) continue;
    run.cell += way;
    run.ended = !(way * slope[run.cell] > 0); // the next cell leads down, or there is none
    if (run.ended) run.a = end;
  }
}

// Where the ball of a network ends, however long it takes: a place in its actions and values.
function stop(curve, start) {
  const { cell, way } = climber(curve, start);
  let i = cell;
  while (way * curve.slope[i] > 0) i += way;
  return way < 0 ? i + 1 : i;
}

// A tag for each heap of balls, with their number; `dots` are the balls.
function heaps(dots) {
  const found = [];
  for (const dot of [...dots].sort((one, other) => one.x - other.x)) {
    if (dot.x - found.at(-1)?.at(-1).x < NEAR) found.at(-1).push(dot);
    else found.push([dot]);
  }
  const middle = (heap) => heap.reduce((sum, { x }) => sum + x, 0) / heap.length;
  return found.map((heap) => ({ x: middle(heap), y: Math.max(...heap.map(({ y }) => y)), text: `×${heap.length}` }));
}

export function show(data, state, run) {
  const { a, q, slope } = run.curve, method = state.slopes ? "sobolev" : "value_only", dash = "", xlabel = "action a";
  const inside = run.ended && Math.abs(run.a) < 1, step = Math.min(Math.max(run.cell, 0), slope.length - 1);
  const ball = (y) => ({ x: [-1, 1], xlabel, dots: [{ x: run.a, y, method: "constant" }], rules: [run.start] });
  const truth = (f) => ({ x: a, y: a.map(f), method: "exact", width: 1.5 });
  const staircase = (curve) => ({ x: a.slice(1).flatMap((end, i) => [a[i], end]), y: curve.slope.flatMap((g) => [g, g]) });
  const stairs = { ...staircase(run.curve), method, dash };
  const every = data.axes[2].values.map((network) => networkAt(data, { ...state, network }));
  const others = every.filter((_, i) => i !== state.network - 1), thin = { method, width: 0.7, dash };
  const ends = run.ended ? every.map((curve) => stop(curve, run.start)) : [];
  const balls = ends.map((end, i) => ({ x: a[end], y: every[i].q[end], method: "constant" }));
  const short = ends.filter((end, i) => end !== every[i].q.indexOf(Math.max(...every[i].q))).length;
  const labels = unpack(data, data.labels, "mean", placeOf(data, state));
  const values = [...data.samples.map((x, i) => ({ x: [x - 0.02, x + 0.02], y: [labels[i], labels[i]], method: "clipped", width: 6, dash })),
    ...others.map(({ q: y }) => ({ x: a, y, ...thin })), truth((x) => PROBLEM.optimalQ(0, x)), { x: a, y: q, method, dash }];
  const slopes = [{ x: [-1, 1], y: [0, 0], method: "exact", width: 0.7 }, ...others.map((other) => ({ ...staircase(other), ...thin })),
    truth((x) => PROBLEM.optimalQGradients(0, x)[1]), stairs];
  const one = ball(valueAt(run.curve, run.a)), title = `the ten in value, network ${state.network} thick`;
  const panels = [
    { ...one, dots: [...one.dots, ...balls], tags: heaps(balls), title, ylabel: "Q", y: [-0.8, 1.8], lines: [...values, gone({ x: a, y: q }, run)],
      alt: "Values of ten networks over the action, all near the exact ones; one of them thick, and a ball on it; at its end the balls of all ten." },
    { ...ball(inside ? 0 : slope[step]), title: "the ten in slope", ylabel: "slope of Q", y: [-4, 6], lines: [...slopes, gone(stairs, run)],
      alt: "The slopes of the ten, staircases that swing to both sides of the exact slope; a line at zero, and the ball's way." },
    { title: "networks with a false summit", xlabel: "thousand updates", ylabel: "of ten", x: [0, 4], y: [0, 10], rules: [state.updates / 1000],
      lines: [false, true].map((kind) => counted(data, { ...state, slopes: kind })).map((one) => ({ ...one, x: one.x.map((n) => n / 1000) })),
      alt: "The number of networks with a false summit over training, without and with slope labels." },
  ];
  return { panels, methods: KEY, words: outcome(data, state, run, short) };
}

// The part of a line over which the ball has gone.
function gone({ x, y }, { start, a }) {
  const [low, high] = [Math.min(start, a) - 1e-9, Math.max(start, a) + 1e-9];
  return { x, y: y.map((one, i) => (x[i] >= low && x[i] <= high ? one : NaN)), method: "constant", width: 3, dash: "" };
}

// How many networks have a false summit, over training.
function counted(data, state) {
  const [updates, , networks] = data.axes.map(({ values }) => values);
  const number = (at) => networks.filter((i) => summits(data, { ...state, updates: at, network: i }) > 1).length;
  return { x: updates, y: updates.map(number), method: state.slopes ? "sobolev" : "value_only" };
}

const summits = (data, state) => Math.round(unpack(data, data.summits, "mean", placeOf(data, state))[0]);

function valueAt({ a, q, slope }, at) {
  const i = Math.min(Math.floor(((at + 1) / 2) * slope.length + 1e-9), slope.length - 1);
  return q[i] + slope[i] * (at - a[i]);
}

// Where the ball stops, what it loses, what a chooser does, and how many of all balls stop `short`.
function outcome(data, state, run, short) {
  const { a, q } = run.curve, top = a[q.indexOf(Math.max(...q))], n = state.updates.toLocaleString("en");
  const { x, y } = counted(data, state), count = y[x.indexOf(state.updates)];
  const kind = Math.abs(run.a - top) > 1e-9 ? "a false summit" : "its critic's highest summit";
  const where = run.ended ? `stops at ${label(run.a, 2)}, ${kind}, and loses ${told(run.a)}` : `is at ${label(run.a, 2)}`;
  return `After ${n} updates on values${state.slopes ? " and slopes" : ""} the ball from ${label(state.start)} ${where}. The action of the
    largest value, ${label(top, 2)}, loses ${told(top)}. Of the ten networks ${count || "none"} ${count > 1 ? "have" : "has"} a false
    summit${run.ended && count ? `, and ${short || "no"} ball${short === 1 ? "" : "s"} stop${short === 1 ? "s" : ""} short` : ""}.`.replace(/\s+/g, " ");
}

// What an action loses in Q*, to two decimals.
function told(a) {
  const lost = PROBLEM.optimalQ(0, BEST) - PROBLEM.optimalQ(0, a);
  return lost < 0.005 ? "less than 0.01" : lost.toFixed(2);
}

export default explorer({ name: "ten", from: describe });
