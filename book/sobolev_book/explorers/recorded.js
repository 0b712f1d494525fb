// Drags through a recorded grid of one to four axes. Everything it shows is in its data, which Python writes
// (`recorded.py`):
//
// { name, title, names: { method: its name in the key, an axis in braces for its value }, axes: [{ name, label, values, start }],
//   panels: [{ title, xlabel, ylabel, x: [...], y: [low, high] or null, ylog, rule: name of an axis or null, alt, series }],
//   a panel may have by, the name of an axis; then y holds limits for each of its values
//   facts: [{ label, mean, ... }] }; a panel may have dots: [{ method, across, up }], the two like a series
// says, optional: sentences with {names} of axes and facts in them, the fact "case" says which is told; without it, place and facts
// play, optional: the name of an axis of numbers, which a button then runs through, see playing.js
// series: { method, on: [names of axes], n, digits, span: [low, high], log, mean, low, high }; a fact has n = 1,
// and may have shown, its digits, and least, the size below which it is told as 0
// mean, low, high (the last two may lack): numbers packed into text, see `unpack`; axes first, then the n points.

import { explorer } from "./explorer.js";
import { unpack } from "./packed.js";
import { label } from "./plot.js";

export function describe(data) {
  const controls = data.axes.map((axis) => ({ ...axis, format: (x) => (typeof x === "number" ? label(x) : x) }));
  return { name: data.name, title: data.title, controls, play: data.play, show: (state) => show(data, state) };
}

export function show(data, state) {
  const place = Object.fromEntries(data.axes.map(({ name, values }) => [name, values.indexOf(state[name])]));
  const panels = data.panels.map(({ x, series, rule, by, ...panel }) => {
    const lines = series.map((one) => ({ x, y: unpack(data, one, "mean", place), method: one.method }));
    const banded = series.filter((one) => one.low);
    const bands = banded.map((one) => {
      const [low, high] = ["low", "high"].map((which) => unpack(data, one, which, place));
      return { x, low, high, method: one.method };
    });
    const dots = (panel.dots ?? []).flatMap(({ method, across, up }) => {
      const [xs, ys] = [across, up].map((numbers) => unpack(data, numbers, "mean", place));
      return xs.map((at, i) => ({ x: at, y: ys[i], method }));
    });
    return { ...panel, y: by ? panel.y[place[by]] : panel.y, x: [x[0], x.at(-1)], lines, bands, dots, rules: rule ? [state[rule]] : [] };
  });
  const known = { ...state };
  const facts = data.facts.map((fact) => {
    const [mean, low, high] = ["mean", "low", "high"].map((which) => fact[which] && told(unpack(data, fact, which, place)[0], fact));
    known[fact.label] = `${mean}${low ? ` [${low}, ${high}]` : ""}`;
    return `${fact.label} ${known[fact.label]}`;
  });
  const where = data.axes.map(({ name, label: text }) => `${text} = ${spoken(state[name])}`).join(", ");
  const filled = (text) => text.replace(/\{(.+?)\}/g, (_, name) => spoken(known[name]));
  const sentence = data.says && filled(data.says[known.case ?? 0]);
  const drawn = data.panels.flatMap(({ series }) => series.map(({ method }) => method));
  const methods = [...new Set([...drawn, ...data.panels.flatMap(({ dots = [] }) => dots.map(({ method }) => method))])];
  const keys = methods.map((method) => [method, filled(data.names[method]), ...(drawn.includes(method) ? [] : [true])]);
  return { panels, methods: keys, words: sentence ?? `At ${where}: ${facts.join("; ")}.` };
}

// No decimal finer than the steps in which the number was packed.
function told(value, { shown = 2, least = 0, log, digits, span: [low, high] }) {
  if (Number.isNaN(value)) return "not recorded";
  const kept = log || high === low ? 20 : Math.floor(-Math.log10((high - low) / 64 ** digits));
  return label(Math.abs(value) < least ? 0 : Number(value.toFixed(Math.min(Math.max(kept, 0), 20))), shown);
}
const spoken = (value) => (typeof value === "number" ? label(value) : value);

export default explorer({ name: "recorded", from: describe });
