// Lets a hand set two sliders at once: a tap in the first panel, or a mouse that drags there.

import { under } from "./plot.js";
import { nearest } from "./state.js";

// names: { x, y }, the sliders that stand for the panel's axes.
export function picking(view, names) {
  const box = view.part("picture");
  box.style.cursor = "crosshair";
  const go = (event) => {
    const { left, top, width, height } = box.querySelector(".panels svg").getBoundingClientRect();
    const place = under(view.shown.panels[0], (event.clientX - left) / width, (event.clientY - top) / height);
    if (!place) return;
    const state = { ...view.state };
    ["x", "y"].forEach((axis, i) => {
      const { values } = view.description.controls.find(({ name }) => name === names[axis]);
      state[names[axis]] = nearest(values, place[i]);
    });
    view.set(state);
    view.changed(state);
  };
  box.addEventListener("click", go);
  box.addEventListener("pointermove", (event) => event.pointerType === "mouse" && event.buttons & 1 && go(event));
}
