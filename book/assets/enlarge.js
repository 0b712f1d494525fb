// A figure's button, or a click on it, shows it as large as the window allows; Escape or a click closes it.
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
  }
});
