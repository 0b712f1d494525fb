(places) => {  // writes each page's number where it is wanted; returns the links that lead nowhere
  for (const at of document.querySelectorAll(".pp")) {
    at.textContent = places[(at.dataset.to ?? at.getAttribute("href")).slice(1)] ?? "?";
  }
  const links = [...document.querySelectorAll('a[href^="#"]')].map((link) => link.getAttribute("href"));
  return [...new Set(links)].filter((href) => !(href.slice(1) in places));
}
