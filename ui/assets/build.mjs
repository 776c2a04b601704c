// Builds ui/static/ui/dist from ui/assets and the packages of package.json. The same input gives the same bytes.
import { build } from "esbuild";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const dist = join(here, "..", "static", "ui", "dist");
const modules = join(root, "node_modules");
const VENDORED = ["@fontsource-variable/inter", "lucide-static"];

async function bundle() {
  await build({
    entryPoints: { console: join(here, "js/main.js"), "console-style": join(here, "css/index.css") },
    outdir: dist,
    bundle: true,
    minify: true,
    format: "esm",
    charset: "utf8",
    legalComments: "none",
    target: ["chrome123", "firefox121", "safari17.5"],
    loader: { ".woff2": "file" },
    assetNames: "[name]",
    logLevel: "warning",
  });
}

async function sprite() {
  const text = await readFile(join(here, "icons.txt"), "utf8");
  const names = text.split("\n").filter((line) => line && !line.startsWith("#"));
  const symbols = await Promise.all(names.map(symbol));
  await writeFile(join(dist, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);
}

async function symbol(name) {
  const source = await readFile(join(modules, "lucide-static", "icons", `${name}.svg`), "utf8");
  const inner = source.replace(/<!--.*?-->/gs, "").replace(/^.*?<svg[^>]*>/s, "").replace(/<\/svg>\s*$/, "");
  const shapes = inner.replace(/\s+/g, " ").replace(/> </g, "><").replace(/ \/>/g, "/>").trim();
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
}

async function notices() {
  const parts = ["Third-party work in ui/static/ui/dist, with its licences. Tutela's own licence is in LICENSE.\n"];
  for (const name of VENDORED) {
    const facts = JSON.parse(await readFile(join(modules, name, "package.json"), "utf8"));
    const licence = (await readFile(join(modules, name, "LICENSE"), "utf8")).replace(/\r\n/g, "\n").trimEnd();
    parts.push(`${"=".repeat(80)}\n${name} ${facts.version} (${facts.license})\n${"=".repeat(80)}\n\n${licence}\n`);
  }
  await writeFile(join(root, "THIRD_PARTY.txt"), parts.join("\n"));
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await bundle();
await sprite();
await notices();
for (const name of (await readdir(dist)).sort()) console.log(name);
