async () => {  // returns what is wider than the sheet, cut, or not there
  const wrong = [];
  const tell = (what, node) => wrong.push(
    `${what}: ${node.tagName} in #${node.closest("[id]")?.id}: ${(node.alt ?? node.textContent).trim().slice(0, 60)}`);
  for (const image of document.images) {
    image.loading = "eager";
    await image.decode().catch(() => tell("no picture", image));
  }
  const edge = document.body.getBoundingClientRect();
  for (const node of document.querySelectorAll("body *")) {
    const { left, right, width } = node.getBoundingClientRect();
    if (node.closest(".cover") || !width || node.parentElement.closest("svg, mjx-container, table table")) continue;
    if (right > edge.right + 1 || left < edge.left - 1) tell("too wide", node);
    const style = getComputedStyle(node);
    if (style.overflowX !== "visible" && node.scrollWidth > node.clientWidth + 1) tell("cut", node);
  }
  for (const math of document.querySelectorAll("mjx-container")) {
    const inner = math.querySelector("mjx-math").getBoundingClientRect();
    const number = math.parentElement.querySelector(".eqno")?.getBoundingClientRect();
    if (inner.right > (number?.left ?? edge.right + 1) || inner.left < edge.left - 1) tell("too wide", math);
  }
  for (const node of document.querySelectorAll(".math:not(:has(mjx-container))")) tell("not set", node);
  return wrong;
}
