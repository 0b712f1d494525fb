// Mark the first element of each look: text colour, size, weight and shadow, and all grounds beneath.
// Elements that look alike have the same contrast, and to find it takes axe longer than all other rules.
// What is placed over other things has other grounds than its ancestors', so each such element counts by itself.
() => {
  const grounds = new Map([[null, ""]]);
  const ground = (element) => {
    if (!grounds.has(element)) {
      const { backgroundColor, backgroundImage, opacity, filter, position } = getComputedStyle(element);
      const place = /absolute|fixed|sticky/.test(position) ? grounds.size : "";
      const own = `${backgroundColor} ${backgroundImage} ${opacity} ${filter} ${place}`;
      grounds.set(element, `${ground(element.parentElement)}|${own}`);
    }
    return grounds.get(element);
  };
  const shown = (element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()) && element.checkVisibility();

  const looks = new Set();
  for (const element of document.querySelectorAll("body *")) {
    delete element.dataset.look;
    if (!shown(element)) continue;
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(element);
    const look = [color, fontSize, fontWeight, textShadow, ground(element)].join(";");
    if (!looks.has(look)) element.dataset.look = looks.add(look).size;
  }
};
