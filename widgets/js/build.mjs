// One self-contained ES module and one style sheet per widget, or for those that are named; `--tests` bundles the unit
// tests instead; `--bench` writes the page that measures how many particles a browser can draw.
import { build } from "esbuild";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { shaders } from "./shaders.mjs";

const here = dirname(fileURLToPath(import.meta.url));

/** A folder holds one widget when its entry carries the name of the folder. */
const widgets = readdirSync(here).filter((name) => existsSync(join(here, name, `${name}.ts`)));
const into = process.env.STNB_STATIC ?? join(here, "../stnb_widgets/static");
const shared = {
  absWorkingDir: here,
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "ascii", // a browser keeps a source of other letters in two bytes each, once for every widget shown
  legalComments: "none",
  logLevel: "warning",
};

if (process.argv.includes("--tests")) {
  const tests = ["core", ...widgets].flatMap((folder) =>
    readdirSync(join(here, folder))
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => `${folder}/${name}`),
  );
  rmSync(join(here, "build/tests"), { recursive: true, force: true });
  await build({
    ...shared,
    entryPoints: tests,
    outdir: "build/tests",
    outExtension: { ".js": ".mjs" },
    platform: "node",
    sourcemap: "inline",
  });
} else if (process.argv.includes("--bench")) {
  const built = await build({ ...shared, entryPoints: ["atlas/bench.ts"], write: false, minify: true, plugins: [shaders] });
  const style = "body{font:14px system-ui;background:#0d1117;color:#e6edf3;margin:24px}td,th{padding:2px 14px;text-align:right}";
  const head = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Particles in this browser</title><style>${style}</style>`;
  const page = `${head}<body><script type="module">${built.outputFiles[0].text.trim()}</script></body></html>\n`;
  writeFileSync(process.env.STNB_BENCH ?? join(here, "../../examples/bench_browser.html"), page);
} else {
  const named = process.argv.slice(2);
  const wanted = widgets.filter((name) => !named.length || named.includes(name));
  const entryPoints = wanted.flatMap((name) => [`${name}/${name}.ts`, `${name}/${name}.css`]);
  await build({ ...shared, entryPoints, outdir: into, entryNames: "[name]", minify: true, plugins: [shaders] });
}
