// The state of an explorer: a value for each of its controls, from a link, from traits or from its start.
//
// control: { name, label, values, start, format, more }; a slider where the values are numbers, a list where they
// are words, a box to tick where they are [false, true]; `more` puts it below "More settings"

// The state that `wanted` asks for, and a sentence for each value that could not be used. A number becomes the
// nearest that its control offers. Where values contradict each other, description.agree(state) mends the state and
// returns a sentence on that.
export function check(wanted, description) {
  const state = {}, complaints = [];
  for (const { name, values, start } of description.controls) {
    const value = wanted[name] ?? start, found = values.find((x) => String(x) === String(value));
    const number = value === "" ? NaN : Number(value);
    state[name] = start;
    if (found !== undefined) state[name] = found;
    else if (typeof start === "number" && Number.isFinite(number)) {
      const inside = Math.min(Math.max(number, values[0]), values.at(-1));
      state[name] = nearest(values, inside);
      const off = Math.abs(state[name] - inside) > 1e-9 * Math.max(1, Math.abs(inside));
      if (inside === number && off) complaints.push(`${name}: got ${value}; set to ${state[name]}, the nearest there is.`);
      if (inside !== number) complaints.push(`${name}: got ${value}, wanted ${values[0]} to ${values.at(-1)}; set to ${inside}.`);
    } else complaints.push(`${name}: got ${value}, wanted ${kindOf(values)}; set back to ${start}.`);
  }
  const { agree = () => null } = description, sentence = agree(state);
  if (sentence) complaints.push(sentence);
  return { state, complaints };
}

export const nearest = (values, value) => values.reduce((best, x) => (Math.abs(x - value) < Math.abs(best - value) ? x : best));
const kindOf = (values) => (typeof values[0] === "number" ? "a number" : `one of ${values.join(", ")}`);

// The state in the fragment #name.control=value&...; what it leaves out is as in `given`.
export function readFragment(hash, description, given = {}) {
  const found = new URLSearchParams(hash.includes("=") ? hash.slice(1) : ""), wanted = { ...given };
  for (const { name } of description.controls) {
    const key = `${description.name}.${name}`;
    if (found.has(key)) wanted[name] = found.get(key);
  }
  return check(wanted, description);
}

// The fragment with this explorer's state in it; the others' stays.
export function writeFragment(hash, name, state) {
  const parts = new URLSearchParams(hash.includes("=") ? hash.slice(1) : "");
  for (const [key, value] of Object.entries(state)) parts.set(`${name}.${key}`, value);
  return `#${parts}`;
}

const PAUSE = 350; // ms: a browser refuses to change the address more than some hundred times in half a minute
const waiting = {};
let last = -Infinity, timer = null;

// Puts an explorer's state into the address: at once, or after a pause with what came in between.
export function toAddress(name, state) {
  waiting[name] = state;
  const left = last + PAUSE - performance.now();
  if (left <= 0) writeAddress();
  else timer ??= setTimeout(writeAddress, left);
}

function writeAddress() {
  timer = null;
  last = performance.now();
  let fragment = location.hash;
  for (const [name, state] of Object.entries(waiting)) {
    fragment = writeFragment(fragment, name, state);
    delete waiting[name];
  }
  try {
    history.replaceState(history.state, "", fragment);
  } catch {
    // refused: the address follows with the next change
  }
}
