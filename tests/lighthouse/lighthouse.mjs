// Lighthouse over every page of the built book, on 127.0.0.1: `node lighthouse.mjs SITE PREFIX OUT.json [PATTERN]`.
// Writes a table as JSON page by page, so that an interrupted run goes on where it was; with PATTERN those pages are
// judged again. Ends with 1 where a page is below GOAL. The server packs, as GitHub Pages does.

import { spawnSync } from "node:child_process";
import { createReadStream, existsSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { loadavg } from "node:os";
import { extname, join, relative, sep } from "node:path";
import { createGzip } from "node:zlib";

const GOAL = 95, TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".json": "application/json",
  ".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp", ".woff": "font/woff", ".mp4": "video/mp4", ".wasm": "application/wasm",
  ".txt": "text/plain", ".xml": "text/xml" }; // prettier-ignore
const PACKED = new Set([".html", ".css", ".js", ".json", ".svg", ".txt", ".xml"]);
const COLUMNS = { performance: "performance", accessibility: "accessibility", "best-practices": "best practices", seo: "SEO" };
const NAMES = Object.values(COLUMNS);
const [, , site, prefix, out, pattern] = process.argv;

const fail = (text) => {
  console.error(`make: ${text}`);
  process.exit(2);
};
const files = readdirSync(site, { recursive: true }).map((name) => join(site, name)).filter((path) => statSync(path).isFile());
const isPage = (path) => path.endsWith(".html") && readFileSync(path, "utf-8").includes("Content-Security-Policy");
const all = files.filter(isPage).map((path) => relative(site, path).split(sep).join("/")).sort();
const since = (path) => existsSync(path) && all.every((page) => statSync(path).mtimeMs >= statSync(join(site, page)).mtimeMs);
const rows = since(out) ? JSON.parse(readFileSync(out, "utf-8")).pages.filter(({ page }) => all.includes(page)) : [];
const judged = new Set(rows.map(({ page }) => page));
const pages = all.filter((page) => (pattern ? new RegExp(pattern).test(page) : !judged.has(page)));
if (!pages.length && (pattern || !all.length)) fail(`no page of ${site} matches ${pattern ?? "."}: is the book built?`);

const chromium = [process.env.CHROME_PATH, "chromium", "chromium-browser", "google-chrome"]
  .filter(Boolean).find((name) => existsSync(name) || spawnSync(name, ["--version"]).status === 0);
if (!chromium) fail("no Chromium here (Debian: apt install chromium)");
process.env.CHROME_PATH = existsSync(chromium) ? chromium : spawnSync("which", [chromium], { encoding: "utf-8" }).stdout.trim();

const load = (name) => import(name).catch(() => fail(`no ${name} here: make lighthouse takes it from npm, which wants the network once`));
const { default: lighthouse } = await load("lighthouse");
const { launch } = await load("chrome-launcher");

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://127.0.0.1");
  const path = join(site, decodeURIComponent(pathname.startsWith(prefix) ? pathname.slice(prefix.length) : pathname));
  if (!path.startsWith(site) || !existsSync(path) || !statSync(path).isFile()) return response.writeHead(404).end();
  const kind = extname(path), packs = PACKED.has(kind) && /gzip/.test(request.headers["accept-encoding"] ?? "");
  response.writeHead(200, { "Content-Type": TYPES[kind] ?? "application/octet-stream", "Cache-Control": "max-age=600", ...(packs && { "Content-Encoding": "gzip" }) });
  const file = createReadStream(path);
  if (packs) file.pipe(createGzip()).pipe(response);
  else file.pipe(response);
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const chrome = await launch({ chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu"] });

const size = files.reduce((sum, path) => sum + statSync(path).size, 0);
console.log(`${"page".padEnd(40)} ${NAMES.map((name) => name.padStart(14)).join(" ")} ${"bytes".padStart(9)}`);
try {
  for (const page of pages) {
    const { lhr } = await lighthouse(`http://127.0.0.1:${server.address().port}${prefix}${page}`, { port: chrome.port, throttlingMethod: "simulate", logLevel: "silent", onlyCategories: Object.keys(COLUMNS) });
    if (lhr.runtimeError) fail(`${page}: ${lhr.runtimeError.message}`);
    const scores = Object.keys(COLUMNS).map((name) => Math.round(100 * lhr.categories[name].score));
    const short = Object.keys(COLUMNS).flatMap((name) => lhr.categories[name].auditRefs.filter(({ id, weight }) => weight && lhr.audits[id].score !== null && lhr.audits[id].score < 0.9).map(({ id }) => id));
    const bytes = lhr.audits["total-byte-weight"].numericValue;
    const row = { page, ...Object.fromEntries(NAMES.map((name, i) => [name, scores[i]])), bytes, short, load: loadavg()[0] };
    rows.splice(judged.has(page) ? rows.findIndex((one) => one.page === page) : rows.length, Number(judged.has(page)), row);
    writeFileSync(`${out}.part`, `${JSON.stringify({ goal: GOAL, throttling: "simulate", form: "mobile", size, pages: rows }, null, 1)}\n`);
    renameSync(`${out}.part`, out);
    console.log(`${page.padEnd(40)} ${scores.map((score) => String(score).padStart(14)).join(" ")} ${String(bytes).padStart(9)}  ${short.join(" ")}`);
  }
} finally {
  await chrome.kill();
  server.close();
}
const below = rows.filter((row) => NAMES.some((name) => row[name] < GOAL));
console.log(`The site has ${(size / 1e6).toFixed(1)} MB. ${rows.length - below.length} of ${rows.length} pages have ${GOAL} or more in everything; ${out} has the table.`);
if (below.length) console.log("A score of performance is this machine's too: simulated throttling, but a processor that others use is slower (`load` in the table).");
process.exit(below.length ? 1 : 0);
