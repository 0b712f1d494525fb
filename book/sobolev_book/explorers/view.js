// What the reader sees of an explorer: controls, panels, a key and a line of words.

import { again } from "./again.js";
import { Player } from "./player.js";
import { picking } from "./picking.js";
import { playing } from "./playing.js";
import { legend, svg } from "./plot.js";

const WAITING = "Training … What became of both critics is said here at the end, or at a pause.";

export class View {
  // changed(state) is called when a hand moves a control.
  constructor(root, description, changed) {
    Object.assign(this, { root, description, changed, state: null });
    root.innerHTML = `<style>${STYLE}</style><section class="explorer" aria-label="${description.title}"><div class="controls"></div>
      <details><summary>More settings</summary><div class="controls"></div></details><div class="picture"></div><p class="words" role="status"></p></section>`;
    this.part = (name) => root.querySelector(`.${name}`);
    if (!description.controls.some(({ more }) => more)) root.querySelector("details").remove();
    this.inputs = description.controls.map((control) => this.addControl(control));
    if (description.live) this.addPlayer(description.live);
    if (description.again) again(this, description.again); // the name of a slider and the button's
    if (description.play) playing(this, description.play); // the name of a slider
    if (description.pick) picking(this, description.pick);
  }

  addControl({ name, label, values, format = String, more }) {
    const box = document.createElement("label"), kind = typeof values[0];
    const options = values.map((value) => `<option>${format(value)}</option>`).join("");
    const ends = `min="0" max="${values.length - 1}" step="1"`;
    const slider = `<input type="range" ${ends}><span class="value" aria-hidden="true"></span>`;
    const field = { number: slider, string: `<select>${options}</select>`, boolean: '<input type="checkbox">' }[kind];
    box.innerHTML = `<span>${label}</span>${field}`;
    const input = box.querySelector("input, select");
    input.name = name;
    input.setAttribute("aria-label", label);
    input.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys
    input.addEventListener("keydown", (event) => event.stopPropagation());
    input.addEventListener("input", () => {
      const place = { number: input.valueAsNumber, string: input.selectedIndex, boolean: Number(input.checked) }[kind];
      const { adjust = (state) => state } = this.description;
      const asked = { ...this.state, [name]: values[place] }, state = adjust(asked, name);
      this.set(state, this.description.moved?.(asked, state, name) ?? []);
      this.changed(this.state);
    });
    this.root.querySelector(more ? "details .controls" : ".controls").append(box);
    return input;
  }

  addPlayer(live) {
    const bar = document.createElement("div");
    bar.className = "player";
    bar.innerHTML = `<button type="button">Play</button><button type="button">100 steps</button>
      <button type="button">Reset</button> <span class="clock"></span>`;
    this.part("picture").before(bar, this.part("words")); // how it ends stands beside what one drags
    const [play, step, reset] = bar.querySelectorAll("button");
    this.player = new Player(live, (ended) => this.draw(ended));
    play.addEventListener("click", () => {
      if (this.player.going) this.player.pause();
      else this.player.play(true);
      this.draw(!this.player.going);
    });
    step.addEventListener("click", () => {
      this.player.step(100);
      this.draw(true);
    });
    reset.addEventListener("click", () => {
      this.player.begin(this.state);
      this.draw(true);
    });
    // what is to be watched begins when its panels are in view
    this.seen = new Promise((resolve) => {
      new IntersectionObserver((entries, self) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        self.disconnect();
        resolve();
      }, { rootMargin: live.pace ? "0px 0px -15% 0px" : "0px" }).observe(live.pace ? this.part("picture") : this.root);
    });
  }

  // Show a state; a live explorer begins anew where one of its run's own controls has changed.
  set(state, complaints = []) {
    const before = this.state, { live, controls } = this.description;
    Object.assign(this, { state, complaints });
    controls.forEach(({ name, values, format = String }, i) => {
      const input = this.inputs[i], place = values.indexOf(state[name]);
      if (input.type === "checkbox") input.checked = state[name];
      else if (input.type === "range") {
        input.valueAsNumber = place;
        input.setAttribute("aria-valuetext", format(state[name]));
        input.nextElementSibling.textContent = format(state[name]);
      } else input.selectedIndex = place;
    });
    if (live && (!before || live.restart.some((name) => state[name] !== before[name]))) {
      this.player.begin(state);
      const { run } = this.player;
      this.seen.then(() => run === this.player.run && this.player.play(!before && Boolean(live.pace)));
    }
    this.draw(!this.player?.going && (!live || this.player.run.steps > 0));
  }

  // Words are spoken by screen readers, so they wait until a run stands still.
  draw(words = true) {
    const run = this.player?.run, shown = (this.shown = this.description.show(this.state, run));
    this.part("picture").innerHTML = picture(shown);
    if (this.player) {
      this.part("player").firstElementChild.textContent = this.player.going ? "Pause" : "Play";
      this.part("clock").textContent = `step ${run.steps.toLocaleString("en")}`;
    }
    const text = [...this.complaints, words ? shown.words : this.description.live?.waiting ?? WAITING].join(" "), line = this.part("words");
    if (line.textContent !== text) line.textContent = text;
  }
}

// What an explorer has above its panels, the panels, their key and what it notes below them, as HTML.
export function picture({ panels, methods, above = "", note = "" }) {
  return `${above}<div class="panels of${panels.length}">${panels.map(svg).join("")}</div><p class="key">${legend(methods)}</p>${note && `<p>${note}</p>`}`;
}

// Of three panels the first is the one to watch: where there is room it stands large, the others beside it.
// The critic lab, which has a strip of states, is to be seen at once: on a phone panels stand two by two, with larger letters.
export const STYLE = `
.explorer { margin: 1rem 0; container-type: inline-size; }
.explorer .controls { display: flex; flex-wrap: wrap; gap: 0.4rem 1.5rem; }
.explorer label { display: flex; align-items: center; gap: 0.5rem; flex: 1 1 16rem; margin: 0; }
.explorer label span { min-width: 5.5rem; }
.explorer label .value { min-width: 3.5rem; font-variant-numeric: tabular-nums; }
.explorer input[type=range] { flex: 1; min-width: 6rem; height: 1.8rem; }
.explorer .player, .explorer details { margin: 0.5rem 0; }
.explorer button, .explorer select { font: inherit; color: inherit; background: transparent; border: 1px solid currentColor;
  border-radius: 4px; padding: 0.1rem 0.7rem; min-height: 1.8rem; margin-right: 0.3rem; }
.explorer select option { color: black; background: white; }
.explorer .clock { margin-left: 0.5rem; font-variant-numeric: tabular-nums; }
.explorer .panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); gap: 0.5rem; }
.explorer .panels.of4 { grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); }
.explorer .panels svg { width: 100%; height: auto; overflow: visible; font: 11px sans-serif; fill: currentColor; color: inherit; }
.explorer .panels.of3 { grid-template-columns: 1fr; }
.explorer .panels .grid { stroke: currentColor; stroke-opacity: 0.15; }
.explorer .panels .rule { stroke: currentColor; stroke-opacity: 0.45; stroke-dasharray: 2 3; }
.explorer .panels .shade { fill: #D55E00; fill-opacity: 0.12; }
.explorer .panels .title { font-weight: 600; }
.explorer .key span { margin-right: 1rem; white-space: nowrap; }
.explorer .words { min-height: 3em; }
:is([data-theme=dark], [data-jp-theme-light=false]) .explorer {
  [stroke="#0072B2"] { stroke: #3f93d6; } [fill="#0072B2"] { fill: #3f93d6; }
  [stroke="#774422"] { stroke: #e69f00; } [fill="#774422"] { fill: #e69f00; }
  [stroke="#075255"] { stroke: #8fdaff; } [fill="#075255"] { fill: #8fdaff; }
  [stroke="#332288"] { stroke: #a79cf0; } [fill="#332288"] { fill: #a79cf0; }
}
.explorer:has(.strip) .controls label { flex-basis: 12rem; }
.explorer:has(.strip) label:has([type=checkbox]) { flex: none; }
.explorer:has(.strip) :is(p, .player, details) { margin: 0.2rem 0; }
.explorer:has(.strip) .words { min-height: 0; }
.explorer .strip { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); gap: 0 1.5rem; }
.explorer .strip > span { display: flex; align-items: center; gap: 0.6rem; }
.explorer .states { display: flex; flex-wrap: wrap; gap: 0 1rem; }
.explorer .strip svg { flex: 1; height: 0.8rem; border: 1px solid currentColor; }
.explorer:has(.strip) .panels.of4 { grid-template-columns: 1fr 1fr; }
@container (min-width: 34rem) {
  .explorer .panels.of3 { grid-template-columns: 2fr 1fr; }
  .explorer .panels.of3 svg { font-size: 14px; }
  .explorer .panels.of3 > svg:first-child { grid-row: span 2; font-size: 10px; }
}
@media (max-width: 600px) {
  .explorer:has(.strip) .panels.of4 svg { font-size: 18px; }
  .explorer:has(.strip) .panels.of4 text[transform] { display: none; }
}
`;
