// A button that plays what was recorded: it moves one of the sliders from where it stands to its end, then from its first value.

const VALUE_PACE = 150; // milliseconds a value

export function playing(view, name) {
  const { values } = view.description.controls.find((control) => control.name === name);
  const bar = document.createElement("div"), words = view.part("words");
  bar.className = "player";
  bar.innerHTML = '<button type="button">Play</button>';
  view.part("picture").before(bar);
  const button = bar.firstElementChild;
  let timer = null;
  const go = (value) => view.set({ ...view.state, [name]: value });
  const stop = () => {
    timer = clearInterval(timer);
    button.textContent = "Play";
    words.removeAttribute("aria-live");
    view.changed(view.state);
  };
  button.addEventListener("click", () => {
    if (timer) return stop();
    if (view.state[name] === values.at(-1)) go(values[0]);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    button.textContent = "Pause";
    words.setAttribute("aria-live", "off"); // a screen reader hears the end
    timer = setInterval(() => {
      go(calm ? values.at(-1) : values[Math.min(values.indexOf(view.state[name]) + 1, values.length - 1)]);
      if (view.state[name] === values.at(-1) || !view.root.isConnected) stop();
    }, VALUE_PACE);
  });
}
