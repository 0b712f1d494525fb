// Films of the Ant side by side, with one button, and below them, where the page has MuJoCo beside it, the same policies
// live. Everything is in its data, which Python writes (`ants.py`):
//
// { title, words, films: [{ method, look, label, caption, alt }], runs: { method: [seeds] }, starts, begins: { run, start }, task }

import { Live } from "./ants_live.js";
import { STYLE } from "./view.js";

class Ants {
  // files: name -> address of a film or its poster; place: { base, size } of MuJoCo's files, or null
  constructor(root, data, files, place) {
    Object.assign(this, { root, data, going: false });
    const figures = data.films.map(({ method, caption, alt }) => `<figure><video muted loop playsinline preload="none" width="480" height="360"
      poster="${files(`${method}.webp`)}" src="${files(`${method}.mp4`)}" aria-label="${alt}"></video><figcaption>${caption}</figcaption></figure>`);
    root.innerHTML = `<style>${STYLE}${OWN}</style><section class="explorer ants" aria-label="${data.title}"><div class="films">${figures.join("")}</div>
      <div class="player"><button type="button" class="film">Play</button></div><p>${data.words}</p><div class="live"></div></section>`;
    this.videos = [...root.querySelectorAll("video")];
    this.button = root.querySelector("button.film");
    this.button.addEventListener("click", () => (this.going ? this.pause() : this.play()));
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.watch = new IntersectionObserver((entries) => {
      const seen = entries.at(-1).isIntersecting;
      if (seen && !calm && !this.told) this.play();
      if (!seen && !this.told) this.pause();
    });
    this.watch.observe(root.querySelector(".films"));
    this.button.addEventListener("click", () => (this.told = true)); // from then on the reader says
    if (place) this.live = new Live(root.querySelector(".live"), data, place);
  }

  play() {
    this.going = true;
    this.button.textContent = "Pause";
    for (const video of this.videos) video.play().catch(() => null); // a browser that does not want to shows the poster
  }

  pause() {
    this.going = false;
    this.button.textContent = "Play";
    for (const video of this.videos) video.pause();
  }

  stop() {
    this.watch.disconnect();
    this.pause();
    this.live?.pause();
  }
}

const OWN = `
.ants .films, .ants .stages { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(13rem, 100%), 1fr)); gap: 0.5rem; }
.ants figure { margin: 0; text-align: center; }
.ants :is(video, canvas) { width: 100%; height: auto; display: block; border-radius: 4px; }
.ants canvas { background: color-mix(in srgb, currentColor 6%, transparent); }
.ants table { margin: 0.5rem 0; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.ants :is(th, td) { padding: 0.1rem 0.8rem 0.1rem 0; text-align: right; white-space: nowrap; }
.ants th:first-child { text-align: left; font-weight: 600; white-space: normal; }
.ants .live .words { min-height: 3em; }
`;

const HERE = globalThis.document?.currentScript?.src; // of the page's script

if (globalThis.customElements && !customElements.get("sobolev-ants")) {
  customElements.define("sobolev-ants", class extends HTMLElement {
    connectedCallback() {
      if (this.ants) return;
      const data = JSON.parse(this.querySelector("script").textContent), size = this.querySelector("template")?.dataset.size;
      const base = new URL("ants/", HERE).href;
      this.ants = new Ants(this, data, (name) => base + name, size ? { base, size } : null);
    }

    disconnectedCallback() {
      this.ants.stop();
    }
  });
}

export default {
  render({ model, el }) {
    const ants = new Ants(el, model.get("data"), (name) => model.get("files")[name], null);
    return () => ants.stop();
  },
};
