// The frame of an explorer: one description serves a custom element in the page and an anywidget in Jupyter.
//
// description = { name, title, controls, agree, adjust, moved, show, live }, or { name, from } where `from` makes one of data:
// JSON in a script inside the element, the trait `data` in Jupyter
// controls: see state.js
// agree(state), optional: see check in state.js
// adjust(state, name), optional: the state after a hand has moved control `name`
// moved(asked, state, name), optional: sentences on what `adjust` moved besides control `name`
// show(state, run): returns { panels, methods, words } (see plot.js) and, optional, HTML { above } and a { note } under the panels
// play, optional: the name of the slider that a button moves, see playing.js
// pick, optional: the names of the two sliders that a hand sets in the first panel, see picking.js
// again, optional, with live: { name, label }, a button that sets slider `name` to its next value, see again.js
// live, optional: { restart, begin(state), advance(run, goes), more(run) }, see player.js

import { check, readFragment, toAddress } from "./state.js";
import { finish } from "./player.js";
import { picture, View } from "./view.js";

// Registers <sobolev-NAME>, where there are custom elements, and returns what anywidget wants.
export function explorer(description) {
  const tag = `sobolev-${description.name}`;
  if (globalThis.customElements && !customElements.get(tag)) {
    customElements.define(tag, class extends HTMLElement {
      connectedCallback() {
        if (!this.view) this.view = inPage(this, complete(description, () => JSON.parse(this.querySelector("script").textContent)));
      }
    });
  }
  return { render: ({ model, el }) => inJupyter(model, el, complete(description, () => model.get("data"))) };
}

const complete = (description, data) => (description.from ? description.from(data()) : description);

// What an explorer shows at the start, a live one at the end of its run: panels, key and words, without controls.
export function still(description) {
  const { state } = check({}, description), { live } = description;
  const run = live && finish(live, live.begin(state));
  const shown = description.show(state, run);
  const [first, second] = live ? [words(shown), picture(shown)] : [picture(shown), words(shown)];
  return `<section class="explorer">${first}${second}</section>`;
}

const words = (shown) => `<p class="words">${shown.words}</p>`;

// In the page the state lives in the fragment, #optimum.slope=0.3&optimum.discount=0.5, to be shared by link.
function inPage(root, description) {
  const view = new View(root, description, (state) => toAddress(description.name, state));
  const read = () => {
    const { state, complaints } = readFragment(location.hash, description, root.dataset);
    view.set(state, complaints);
  };
  addEventListener("hashchange", () => location.hash.includes("=") && read()); // a link to a heading names no setting
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
    const moved = names.filter((name) => model.get(name) !== state[name]); // to the nearest that there is
    for (const name of moved) model.set(name, state[name]);
    if (moved.length) model.save_changes();
  };
  for (const name of names) model.on(`change:${name}`, read);
  read();
  return () => {
    view.player?.pause();
    names.forEach((name) => model.off(`change:${name}`, read));
  };
}
