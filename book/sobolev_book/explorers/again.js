// A button beside those of the player that sets one of the sliders to its next value, after the last to its first.

// again: { name, label }, the slider and what the button says.
export function again(view, { name, label }) {
  const { values } = view.description.controls.find((control) => control.name === name);
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
  view.part("clock").before(button);
  button.addEventListener("click", () => {
    const next = values[(values.indexOf(view.state[name]) + 1) % values.length];
    view.set({ ...view.state, [name]: next });
    view.changed(view.state);
  });
}
