// A figure's button, or a click on it, shows it as large as the window allows; Escape or a click closes it.
// On a phone its panels stand one below the other, and its caption says so.
const PLACES = { Left: "Top", Right: "Bottom" };

addEventListener("DOMContentLoaded", () => {
  const dialog = document.createElement("dialog");
  dialog.className = "enlarged";
  dialog.setAttribute("aria-label", "Figure, enlarged");
  dialog.addEventListener("click", () => dialog.close());
  document.body.append(dialog);

  for (const picture of document.querySelectorAll(".bd-article picture.in-light")) {
    const both = [picture, picture.nextElementSibling];
    const show = () => {
      const seen = both.find((one) => one.checkVisibility()).querySelector("img");
      const close = document.createElement("button");
      close.textContent = "Close";
      const image = new Image();
      Object.assign(image, { src: seen.src, alt: seen.alt });
      dialog.replaceChildren(close, image);
      dialog.showModal();
    };
    const button = document.createElement("button");
    button.className = "enlarge";
    button.textContent = "Enlarge";
    both[1].after(button);
    for (const part of [...both, button]) part.addEventListener("click", show);
    rename(picture);
  }
});

/** Let the caption of a figure with several panels name their places as the window shows them. */
function rename(picture) {
  const [stacked, wide] = picture.children;
  const caption = picture.closest("figure")?.querySelector("figcaption");
  if (!caption || Number(stacked.getAttribute("height")) <= Number(wide.getAttribute("height"))) return;
  const walker = document.createTreeWalker(caption, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push([walker.currentNode, walker.currentNode.data]);
  const phone = matchMedia(stacked.media);
  const words = /\b(Left|Right)(?=:)/g;
  const name = () => {
    for (const [node, data] of texts) {
      node.data = phone.matches ? data.replace(words, (word) => PLACES[word]) : data;
    }
  };
  phone.addEventListener("change", name);
  name();
}
