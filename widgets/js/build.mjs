// One self-contained ES module and one style sheet per widget, or for those that are named; `--tests` bundles the unit
// tests instead.
import { build } from "esbuild";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** A folder holds one widget when its entry carries the name of the folder. */
const widgets = readdirSync(here).filter((name) => existsSync(join(here, name, `${name}.ts`)));
const into = process.env.STNB_STATIC ?? join(here, "../stnb_widgets/static");
const shared = {
  absWorkingDir: here,
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
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
} else {
  const named = process.argv.slice(2);
  const wanted = widgets.filter((name) => !named.length || named.includes(name));
  const entryPoints = wanted.flatMap((name) => [`${name}/${name}.ts`, `${name}/${name}.css`]);
  await build({ ...shared, entryPoints, outdir: into, entryNames: "[name]", minify: true });
}
