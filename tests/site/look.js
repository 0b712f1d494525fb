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

  const hidden = all("details > :not(summary), .toggle > :not(.toggle-button)")
    .filter((part) => part.textContent.trim() && !part.checkVisibility({ visibilityProperty: true }))
    .map((part) => part.textContent);

  return {
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
    tooWide,
    hidden,
  };
}
