// Plays recorded episodes of linkages side by side, a simulation step a frame. Everything is in its data, which Python
// writes (`clip.py`):
//
// { name, title, names: { method: its name in the key }, axes: [], length, words,
//   panels: [{ title, box: [left, right, bottom, top], cart, links, alt, series: [one a method, see recorded.js] }] }
// A series holds the joints of each step in a row, x0, y0, x1, ...; after an episode's early end there are no numbers.

import { unpack } from "./packed.js";
import { legend, METHODS } from "./plot.js";
import { STYLE } from "./view.js";

const PACE = 40; // milliseconds a step
const ACROSS = 240; // of a panel, in the SVG's own units

// The panels of what Python wrote, each with its runs: [{ method, joints }].
export function open(data) {
  const run = (one) => ({ method: one.method, joints: unpack(data, one, "mean", {}) });
  return data.panels.map((panel) => ({ ...panel, runs: panel.series.map(run) }));
}

// The joints [[x, y], ...] of a run at a step, and whether the episode had ended before.
export function pose(joints, links, step) {
  const size = 2 * (links + 1);
  let at = Math.min(step, joints.length / size - 1);
  while (at > 0 && !Number.isFinite(joints[at * size])) at -= 1;
  return { ended: at < step, points: Array.from({ length: links + 1 }, (_, k) => [joints[at * size + 2 * k], joints[at * size + 2 * k + 1]]) };
}

// A panel at a step as SVG text.
export function scene({ box: [left, right, bottom, top], cart, links, alt, title, runs }, step) {
  const scale = ACROSS / (right - left), height = Math.round((top - bottom) * scale);
  const place = ([x, y]) => [(x - left) * scale, (top - y) * scale].map((z) => z.toFixed(1));
  const pivot = `<circle cx="${place([0, 0])[0]}" cy="${place([0, 0])[1]}" r="3" fill="currentColor"/>`;
  const parts = cart ? [`<path class="rule" d="M0,${place([0, 0])[1]}H${ACROSS}"/>`] : [pivot];
  for (const { method, joints } of runs) {
    const { points, ended } = pose(joints, links, step), [, color, dash] = METHODS[method];
    const placed = points.map(place);
    const body = [`<polyline points="${placed.map((x) => x.join()).join(" ")}" fill="none" stroke="${color}" stroke-width="4" stroke-dasharray="${dash}"/>`];
    if (cart) body.push(`<rect x="${placed[0][0] - 12}" y="${placed[0][1] - 6}" width="24" height="12" fill="${color}"/>`);
    body.push(...placed.slice(1).map(([x, y]) => `<circle cx="${x}" cy="${y}" r="5" fill="${color}"/>`));
    parts.push(`<g data-method="${method}" opacity="${ended ? 0.3 : 0.9}">${body.join("")}</g>`);
  }
  return `<figure><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${ACROSS} ${height}" role="img" aria-label="${alt}">${parts.join("")}</svg><figcaption>${title}</figcaption></figure>`;
}

class Clip {
  constructor(root, data) {
    Object.assign(this, { root, data, panels: open(data), step: 0, going: false });
    const methods = this.panels[0].runs.map(({ method }) => [method, data.names[method]]);
    root.innerHTML = `<style>${STYLE}${OWN}</style><section class="explorer clip" aria-label="${data.title}"><div class="panels"></div>
      <div class="player"><button type="button">Play</button><label><span>step</span><input type="range" aria-label="step" min="0" max="${data.length - 1}" step="1"><span class="value" aria-hidden="true"></span></label></div>
      <p class="key">${legend(methods)}</p><p class="words">${data.words}</p></section>`;
    [this.button, this.input, this.value] = ["button", "input", ".value"].map((name) => root.querySelector(name));
    this.button.addEventListener("click", () => (this.going ? this.pause() : this.play()));
    this.input.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys
    this.input.addEventListener("input", () => {
      this.pause();
      this.draw(this.input.valueAsNumber);
    });
    this.draw(0);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.watch = new IntersectionObserver((entries, self) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      self.disconnect();
      if (!calm) this.play();
    });
    this.watch.observe(root);
  }

  draw(step) {
    this.step = step;
    this.root.querySelector(".panels").innerHTML = this.panels.map((panel) => scene(panel, step)).join("");
    this.input.valueAsNumber = step;
    this.value.textContent = String(step);
  }

  play() {
    this.going = true;
    this.button.textContent = "Pause";
    this.timer = setInterval(() => this.draw((this.step + 1) % this.data.length), PACE);
  }

  pause() {
    this.going = false;
    this.button.textContent = "Play";
    clearInterval(this.timer);
    this.watch.disconnect();
  }
}

const OWN = `
.clip .panels { grid-template-columns: repeat(3, minmax(0, 1fr)); align-items: end; }
.clip figure { margin: 0; text-align: center; }
.clip figcaption { min-height: 3em; }
.clip .player { display: flex; align-items: center; }
`;

if (globalThis.customElements && !customElements.get("sobolev-clip")) {
  customElements.define("sobolev-clip", class extends HTMLElement {
    connectedCallback() {
      this.clip ??= new Clip(this, JSON.parse(this.querySelector("script").textContent));
    }

    disconnectedCallback() {
      this.clip.pause();
    }
  });
}

export default {
  render({ model, el }) {
    const clip = new Clip(el, model.get("data"));
    return () => clip.pause();
  },
};
