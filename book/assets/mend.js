// What the theme did with scripts inside the page, which its policy forbids, and what a page from disk cannot do.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false; // it would fetch the pages found

addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
  if (document.getElementById("search-results")) document.querySelector(".bd-search-container input")?.select();
});
