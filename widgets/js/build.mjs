// One self-contained ES module and one style sheet per widget; `--tests` bundles the unit tests instead.
import { build } from "esbuild";
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
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
  const tests = ["core", "atlas"].flatMap((folder) =>
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
  await build({ ...shared, entryPoints: ["atlas/atlas.ts", "atlas/atlas.css"], outdir: into, minify: true });
}
