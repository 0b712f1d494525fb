// A panel as SVG text: a pure function of what it shows, so that it can be looked at without a browser.
//
// panel = { title, xlabel, ylabel, x: [low, high], y: [low, high] or null, ylog, height, lines, bands, dots, tags, rules, shade, alt }
// lines: { x, y, method } and, optional, width, dash and heads, points at which an arrowhead points on; tags: { x, y, text }, above their place; bands: { x, low, high, method }; dots: { x, y, method }; rules: x values of thin
// vertical lines; shade: y from which on the ground is shaded; height: of a panel 320 wide. Numbers that are not finite, or not positive on a log axis, leave a gap.

// name: [label, colour, SVG dash array]; the book's own (`style.py`). Black is the text's colour, for both themes.
export const METHODS = {
  exact: ["exact optimum", "currentColor", ""],
  clipped: ["clipped shortcut", "#7f7f7f", "1.5 3"],
  value_only: ["value-only", "#D55E00", "7 3"],
  sobolev: ["Sobolev", "#0072B2", ""],
  slope_s: ["state slopes only", "#009E73", "7 3 1.5 3"],
  slope_a: ["action slopes only", "#CC79A7", "4 2 1.5 2 1.5 2"],
  svg: ["slopes in the actor only", "#774422", "8 2"],
  twice: ["twice the updates", "#075255", "2 2"],
  constant: ["Sobolev, constant weights", "#332288", "8 2 1.5 2 1.5 2"],
};
// What the dark page shows instead; `view.js` has the rules.
export const DARK = { "#0072B2": "#3f93d6", "#774422": "#e69f00", "#075255": "#8fdaff", "#332288": "#a79cf0" };

const WIDTH = 320, TALL = 240;
const FRAME = { left: 52, right: 14, top: 26, bottom: 40 };

export function svg(panel) {
  const { x: [x0, x1], ylog = false, height = TALL } = panel, base = height - FRAME.bottom;
  const [y0, y1] = panel.y ?? range(panel);
  const lift = ylog ? Math.log10 : (value) => value;
  const px = (value) => FRAME.left + ((value - x0) / (x1 - x0)) * (WIDTH - FRAME.left - FRAME.right);
  const py = (value) => base - ((lift(value) - lift(y0)) / (lift(y1) - lift(y0))) * (base - FRAME.top);
  const clamp = (y) => Math.min(base + 2, Math.max(FRAME.top - 2, y));
  const at = (value, other) => (shown(value, other, ylog) ? `${round(px(value))},${round(clamp(py(other)))}` : null);
  const parts = [];
  if (panel.shade < y1) {
    const edge = Math.min(py(panel.shade), base);
    parts.push(`<path class="shade" d="M${FRAME.left},${round(edge)}H${WIDTH - FRAME.right}V${FRAME.top}H${FRAME.left}Z"/>`);
  }
  for (const tick of ticks(x0, x1)) {
    parts.push(`<path class="grid" d="M${round(px(tick))},${FRAME.top}V${base}"/>`);
    parts.push(`<text x="${round(px(tick))}" y="${base + 15}" text-anchor="middle">${label(tick)}</text>`);
  }
  for (const tick of ylog ? decades(y0, y1) : ticks(y0, y1)) {
    parts.push(`<path class="grid" d="M${FRAME.left},${round(py(tick))}H${WIDTH - FRAME.right}"/>`);
    parts.push(`<text x="${FRAME.left - 5}" y="${round(py(tick)) + 4}" text-anchor="end">${label(tick)}</text>`);
  }
  for (const rule of panel.rules ?? []) parts.push(`<path class="rule" d="M${round(px(rule))},${FRAME.top}V${base}"/>`);
  for (const { x, low, high, method } of panel.bands ?? []) {
    const there = Array.from(x, (value, i) => at(value, high[i])), back = Array.from(x, (value, i) => at(value, low[i])).reverse();
    parts.push(`<polygon points="${[...there, ...back].filter(Boolean).join(" ")}" fill="${METHODS[method][1]}" opacity="0.2"/>`);
  }
  for (const { x, y, method, width = 2, dash = METHODS[method][2], heads = [] } of panel.lines ?? []) {
    parts.push(`<path fill="none" stroke="${METHODS[method][1]}" stroke-width="${width}" stroke-dasharray="${dash}" d="${path(x, y, at)}"/>`);
    for (const i of heads) parts.push(arrowhead(at(x[i - 1], y[i - 1]), at(x[i], y[i]), METHODS[method][1]));
  }
  for (const { x, y, method } of panel.dots ?? []) {
    const place = at(x, y)?.split(",");
    if (place) parts.push(`<circle cx="${place[0]}" cy="${place[1]}" r="4" fill="${METHODS[method][1]}"/>`);
  }
  for (const { x, y, text } of panel.tags ?? []) {
    const place = at(x, y)?.split(",");
    if (place) parts.push(`<text x="${place[0]}" y="${Number(place[1]) - 6}" text-anchor="end">${escape(text)}</text>`);
  }
  const middle = (FRAME.left + WIDTH - FRAME.right) / 2;
  parts.push(`<text class="title" x="${middle}" y="16" text-anchor="middle">${escape(panel.title)}</text>`);
  parts.push(`<text x="${middle}" y="${height - 8}" text-anchor="middle">${escape(panel.xlabel)}</text>`);
  parts.push(`<text transform="translate(11 ${height / 2}) rotate(-90)" text-anchor="middle">${escape(panel.ylabel)}</text>`);
  const box = `viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(panel.alt)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box}>${parts.join("")}</svg>`;
}

// What a panel with straight axes has at these shares of its width and height, [x, y]; null outside its frame.
export function under({ x: [x0, x1], y: [y0, y1], height = TALL }, across, down) {
  const u = (across * WIDTH - FRAME.left) / (WIDTH - FRAME.left - FRAME.right);
  const v = (height - FRAME.bottom - down * height) / (height - FRAME.bottom - FRAME.top);
  return [u, v].every((share) => share >= 0 && share <= 1) ? [x0 + u * (x1 - x0), y0 + v * (y1 - y0)] : null;
}

// A key of the methods in use, as HTML; [method, name, dot] gives one another name, or the mark of a dot.
export function legend(methods) {
  const entries = methods.map((entry) => {
    const [method, name = METHODS[method][0], dot = false] = Array.isArray(entry) ? entry : [entry];
    const [, color, dash] = METHODS[method];
    const stroke = `stroke="${color}" stroke-width="2.5" stroke-dasharray="${dash}"`;
    const mark = dot ? `<circle cx="14" cy="4" r="4" fill="${color}"/>` : `<path d="M0,4H28" ${stroke}/>`;
    return `<span><svg viewBox="0 0 28 8" width="28" height="8" aria-hidden="true">${mark}</svg> ${escape(name)}</span>`;
  });
  return entries.join(" ");
}

// About five round numbers from low to high.
export function ticks(low, high) {
  const rough = (high - low) / 6, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 2.5, 5, 10].find((x) => x * power >= rough * 0.999);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(i * step);
  return found;
}

// Powers of ten from low to high, six at most.
export function decades(low, high) {
  const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first) / 5)), found = [];
  for (let i = first; i <= last; i += step) found.push(10 ** i);
  return found;
}

// A number in few digits, with a true minus.
export function label(value, digits = 3) {
  const rounded = Number(value.toPrecision(digits)), size = Math.abs(rounded);
  const short = size !== 0 && (size < 1e-3 || size >= 1e4);
  const text = short ? rounded.toExponential(digits < 3 ? digits - 1 : 0) : String(rounded);
  return text.replace("e+", "e").replaceAll("-", "−");
}

// The least and greatest y of a panel with a margin; [0, 1] where there is nothing to show.
function range({ lines = [], bands = [], dots = [], ylog = false }) {
  const every = [...lines.map(({ y }) => y), ...bands.flatMap(({ low, high }) => [low, high]), dots.map(({ y }) => y)];
  let low = Infinity, high = -Infinity;
  for (const values of every) {
    for (const value of values) {
      if (!shown(0, value, ylog)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return ylog ? [0.1, 1] : [0, 1];
  if (ylog) return [low / 1.3, high * 1.3];
  const margin = 0.05 * (high - low) || 0.5;
  return [low - margin, high + margin];
}

const shown = (x, y, ylog) => Number.isFinite(x) && Number.isFinite(y) && (!ylog || y > 0);
const round = (value) => Math.round(value * 10) / 10;
const escape = (text) => String(text).replace(/[&<>"]/g, (x) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[x]);

// A triangle at the second of two places of the picture, pointing on from the first; "" where one is missing.
export function arrowhead(from, to, color) {
  if (!from || !to) return "";
  const [[x0, y0], [x, y]] = [from, to].map((place) => place.split(",").map(Number));
  const turn = Math.round((Math.atan2(y - y0, x - x0) * 180) / Math.PI);
  return `<path d="M-4,-5L6,0L-4,5Z" fill="${color}" transform="translate(${x} ${y}) rotate(${turn})"/>`;
}

// The line as an SVG path; where a point is missing the pen is lifted.
function path(x, y, at) {
  let out = "", pen = "M";
  for (let i = 0; i < x.length; i++) {
    const place = at(x[i], y[i]);
    if (place) out += pen + place;
    pen = place ? "L" : "M";
  }
  return out;
}
