// Sets formulas as MathJax does in a browser: [{ tex, display }] comes in, { html, css } goes out, both JSON.
// The styles are those of every character that MathJax knows; the book leaves out what no page has.

import { createRequire } from "node:module";

const [, , folder] = process.argv;
const MathJax = await createRequire(import.meta.url)(`${folder}/node-main.js`).init({
  loader: {
    load: ["input/tex", "output/chtml", "adaptors/liteDOM", "a11y/assistive-mml"],
    versionWarnings: false,
  },
  tex: {
    packages: { "[-]": ["noundefined"] },
    formatError(_, error) {
      throw error;
    },
  },
  chtml: { adaptiveCSS: false, fontURL: "mathjax" },
});

let asked = "";
for await (const part of process.stdin) asked += part;
const { adaptor } = MathJax.startup;
const html = JSON.parse(asked).map(({ tex, display }) => {
  try {
    return adaptor.outerHTML(MathJax.tex2chtml(tex, { display, em: 16, ex: 8, containerWidth: 1280 }));
  } catch (error) {
    console.error(`${tex}: ${error.message}`);
    process.exit(1);
  }
});
console.log(JSON.stringify({ html, css: adaptor.textContent(MathJax.chtmlStylesheet()) }));
