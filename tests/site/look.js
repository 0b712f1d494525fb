// What a test wants to know about the page on screen.
() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const article = document.querySelector("article.bd-article") ?? document.body;

  // the text a reader sees as prose: neither code nor rendered maths
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  let prose = "";
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!parent.closest("pre, code, script, style, mjx-container")) prose += walker.currentNode.data;
  }

  const tooWide = all("html, .bd-main, .bd-content, .bd-article-container, article.bd-article")
    .filter((box) => box.scrollWidth > box.clientWidth + 1)
    .map((box) => `${box.tagName}.${box.className}: ${box.scrollWidth} > ${box.clientWidth}`);

  // code, tables and formulas that have to be scrolled to be read
  const cut = all('article.bd-article :is(pre, .book-table, div.math, mjx-container[display="true"])')
    .filter((box) => box.checkVisibility() && box.scrollWidth > box.clientWidth + 1)
    .map((box) => `${box.tagName}.${box.className}: ${box.scrollWidth} > ${box.clientWidth}: ${box.textContent.slice(0, 60)}`);

  // figures that do not bring the page's ground along where the system sets the colours
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style = "forced-color-adjust: none; background: var(--pst-color-background)";
  const ground = getComputedStyle(probe).backgroundColor;
  probe.remove();
  const bare = all(".bd-article img.drawn")
    .filter((image) => image.checkVisibility() && getComputedStyle(image).backgroundColor !== ground)
    .map((image) => image.currentSrc);

  const hidden = all("article.bd-article :is(details > :not(summary), .toggle > :not(.toggle-button))")
    .filter((part) => part.textContent.trim() && !part.checkVisibility({ visibilityProperty: true }))
    .map((part) => part.textContent);

  const icons = all("i[class*='fa-'], span[class*='fa-']");

  return {
    formulas: all("mjx-container").length,
    blank: icons.filter((icon) => getComputedStyle(icon, "::before").content === "none").map((icon) => icon.outerHTML),
    title: document.querySelector("h1")?.innerText ?? "",
    theme: document.documentElement.dataset.theme,
    prose,
    unrendered: all(".math").filter((maths) => !maths.querySelector("mjx-container")).map((maths) => maths.innerText),
    misread: all("mjx-merror, [data-mjx-error]").map((error) => error.closest("mjx-container")?.innerText),
    images: all("img").filter((image) => image.checkVisibility()).map((image) => ({
      source: image.currentSrc,
      alt: image.getAttribute("alt"),
      loaded: image.complete && image.naturalWidth > 0,
      dimmed: image.closest(".bd-article") !== null && getComputedStyle(image).filter !== "none",
    })),
    links: all("a[href]").map((link) => link.href),
    scripts: all("script").map((script) => script.src + script.textContent),
    twice: [...new Set(all("[id]").map(({ id }) => id).filter((id, i, ids) => ids.indexOf(id) !== i))],
    tooWide,
    cut,
    bare,
    hidden,
  };
}
