// What the theme did with scripts inside the page, which its policy forbids, and what a page from disk cannot do.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false; // it would fetch the pages found

addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
  const scrolls = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  const long = document.querySelectorAll(".bd-article :is(pre, dt.sig, dl.field-list, .cell_output > .output)");
  for (const part of long) scrolls.observe(part); // keys reach what scrolls
  if (document.getElementById("search-results")) document.querySelector(".bd-search-container input")?.select();
});

const jumps = ({ target }) => target.closest("a[href*='#']") && (document.documentElement.dataset.whole = ""); // see mend.css
addEventListener("click", jumps, { capture: true }); // before the browser goes there
