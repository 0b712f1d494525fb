// The frame of an explorer: sliders, panels, a key and a line of words. One description serves a custom element
// in the page and an anywidget in Jupyter.
//
// description = { name, title, controls, show }
// controls: { name, label, values, start, format } each: a slider over the values, in their order
// show(state): state holds a value for each control; returns { panels, methods, words } (see plot.js)

import { legend, svg } from "./plot.js";

// Registers <sobolev-NAME>, where there are custom elements, and returns what anywidget wants.
export function explorer(description) {
  const tag = `sobolev-${description.name}`;
  if (globalThis.customElements && !customElements.get(tag)) {
    customElements.define(tag, class extends HTMLElement {
      connectedCallback() {
        if (!this.view) this.view = inPage(this, description);
      }
    });
  }
  return { render: ({ model, el }) => inJupyter(model, el, description) };
}

// What an explorer shows at the start: panels, key and words, without its sliders.
export function still(description) {
  const { panels, methods, words } = description.show(check({}, description).state);
  const shown = `<div class="panels">${panels.map(svg).join("")}</div><p class="key">${legend(methods)}</p>`;
  return `<style>${STYLE}</style><section class="explorer">${shown}<p class="words">${words}</p></section>`;
}

// In the page the state lives in the fragment, #optimum.slope=0.3&optimum.discount=0.5, to be shared by link.
function inPage(root, description) {
  const view = new View(root, description, (state) => {
    const fragment = writeFragment(location.hash, description.name, state);
    history.replaceState(history.state, "", fragment);
  });
  const read = () => {
    const { state, complaints } = readFragment(location.hash, description, root.dataset);
    view.set(state, complaints);
  };
  addEventListener("hashchange", read);
  read();
  return view;
}

// In Jupyter the state is the model's traits, both ways.
function inJupyter(model, el, description) {
  const names = description.controls.map(({ name }) => name);
  const view = new View(el, description, (state) => {
    for (const name of names) model.set(name, state[name]);
    model.save_changes();
  });
  const read = () => {
    const { state, complaints } = check(Object.fromEntries(names.map((name) => [name, model.get(name)])), description);
    view.set(state, complaints);
  };
  for (const name of names) model.on(`change:${name}`, read);
  read();
  return () => names.forEach((name) => model.off(`change:${name}`, read));
}

// The state that `wanted` asks for, each value the nearest that its control offers, and a sentence for each value
// that could not be used.
export function check(wanted, description) {
  const state = {}, complaints = [];
  for (const { name, values, start } of description.controls) {
    const value = wanted[name] === undefined ? start : Number(wanted[name]);
    state[name] = start;
    if (wanted[name] === "" || !Number.isFinite(value)) {
      complaints.push(`${name}: got ${wanted[name]}, wanted a number; set back to ${start}.`);
    } else {
      state[name] = values.reduce((best, x) => (Math.abs(x - value) < Math.abs(best - value) ? x : best));
    }
  }
  return { state, complaints };
}

// The state in the fragment; what it leaves out is as in `given`.
export function readFragment(hash, description, given = {}) {
  const found = new URLSearchParams(hash.includes("=") ? hash.slice(1) : ""), wanted = { ...given };
  for (const { name } of description.controls) {
    const key = `${description.name}.${name}`;
    if (found.has(key)) wanted[name] = found.get(key);
  }
  return check(wanted, description);
}

export function writeFragment(hash, name, state) {
  const parts = new URLSearchParams(hash.includes("=") ? hash.slice(1) : "");
  for (const [key, value] of Object.entries(state)) parts.set(`${name}.${key}`, value);
  return `#${parts}`;
}

// What the reader sees. `changed(state)` is called when a hand moves a slider.
class View {
  constructor(root, description, changed) {
    this.description = description;
    this.state = {};
    root.innerHTML = `<style>${STYLE}</style><section class="explorer" aria-label="${description.title}">
      <div class="controls"></div><div class="panels"></div><p class="key"></p><p class="words" role="status"></p></section>`;
    this.part = (name) => root.querySelector(`.${name}`);
    this.sliders = description.controls.map((control) => this.addSlider(control, changed));
  }

  addSlider({ name, label, values }, changed) {
    const box = document.createElement("label");
    box.innerHTML = `<span>${label}</span><input type="range" min="0" max="${values.length - 1}" step="1"><output></output>`;
    const input = box.querySelector("input");
    input.name = name;
    input.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys
    input.addEventListener("keydown", (event) => event.stopPropagation());
    input.addEventListener("input", () => {
      this.set({ ...this.state, [name]: values[input.valueAsNumber] });
      changed(this.state);
    });
    this.part("controls").append(box);
    return input;
  }

  set(state, complaints = []) {
    this.state = state;
    this.description.controls.forEach(({ name, values, format = String }, i) => {
      const input = this.sliders[i];
      input.valueAsNumber = values.indexOf(state[name]);
      input.setAttribute("aria-valuetext", format(state[name]));
      input.nextElementSibling.textContent = format(state[name]);
    });
    const { panels, methods, words } = this.description.show(state);
    this.part("panels").innerHTML = panels.map(svg).join("");
    this.part("key").innerHTML = legend(methods);
    this.part("words").textContent = [...complaints, words].join(" ");
  }
}

const STYLE = `
.explorer { margin: 1rem 0; }
.explorer .controls { display: flex; flex-wrap: wrap; gap: 0.4rem 1.5rem; }
.explorer label { display: flex; align-items: center; gap: 0.5rem; flex: 1 1 16rem; margin: 0; }
.explorer label span { min-width: 5.5rem; }
.explorer input { flex: 1; min-width: 6rem; height: 1.8rem; }
.explorer output { min-width: 3.5rem; font-variant-numeric: tabular-nums; }
.explorer .panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); gap: 0.5rem; }
.explorer .panels svg { width: 100%; height: auto; font: 11px sans-serif; fill: currentColor; color: inherit; }
.explorer .panels .grid { stroke: currentColor; stroke-opacity: 0.15; }
.explorer .panels .rule { stroke: currentColor; stroke-opacity: 0.45; stroke-dasharray: 2 3; }
.explorer .panels .title { font-weight: 600; }
.explorer .key span { margin-right: 1rem; white-space: nowrap; }
.explorer .words { min-height: 3em; }
`;
