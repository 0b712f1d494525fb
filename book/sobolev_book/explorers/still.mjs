// node still.mjs NAME: what the explorer NAME shows at the start, as HTML for stills/NAME.html.
import { still } from "./explorer.js";

const { description } = await import(`./${process.argv[2]}.js`);
console.log(still(description));
