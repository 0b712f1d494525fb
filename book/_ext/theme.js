{
  // Before anything is painted: the theme that the reader chose, else the system's.
  const kept = () => {
    try {
      return localStorage.getItem("mode");
    } catch {
      return null; // a browser that keeps nothing
    }
  };
  const mode = ["light", "dark"].find((one) => one === kept()) ?? "auto";
  const dark = mode === "dark" || (mode === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  Object.assign(document.documentElement.dataset, { mode, theme: dark ? "dark" : "light" });
  // Whoever arrives at a place in the page, or comes back to one, needs the true height of all that stands above.
  const [{ type } = {}] = performance.getEntriesByType("navigation");
  if (location.hash || type !== "navigate") document.documentElement.dataset.whole = "";
}
