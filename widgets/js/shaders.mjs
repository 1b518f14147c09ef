// Takes comments and needless spaces out of shaders.
import { readFile } from "node:fs/promises";

/** Lines with # keep their end; around anything that is not part of a name no space is needed. */
function tight(text) {
  return text
    .replace(/\/\/[^\n]*/g, "")
    .split("\n")
    .map((line) => (/^[\s`]*#/.test(line) ? `${line.trim()}\n` : `${line.trim()} `))
    .join("")
    .replace(/[^\S\n]*([^\w\s#.$])[^\S\n]*/g, "$1")
    .replace(/(\d)\.0\b/g, "$1.");
}

export const shaders = {
  name: "shaders",
  setup({ onLoad }) {
    onLoad({ filter: /shaders\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      return { contents: text.replace(/`[^`]*`/g, tight), loader: "ts" };
    });
  },
};
