"""How the front end of a widget reaches the browser: as text in a trait, evaluated when a view is made.

A browser never forgets a module that it has imported, and imports the module of every widget anew: a cell that is run
two hundred times would leave two hundred copies behind. Therefore the module that is imported is a few lines long, and
evaluates the rest as a function, which goes when its view goes. Where a page forbids that, the rest is imported.
"""

from __future__ import annotations

import re

__all__ = ["LOADER", "as_expression"]

LOADER = """\
const evaluate = (code) => {
  try {
    return new Function(`return ${code}`)();
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    const address = URL.createObjectURL(new Blob([`export default ${code}`], { type: "text/javascript" }));
    return import(address).then((module) => module.default).finally(() => URL.revokeObjectURL(address));
  }
};
const render = (context) => {
  const made = evaluate(context.model.get("code"));
  return made.then ? made.then((widget) => widget.render(context)) : made.render(context);
};
export default { render };
"""

_EXPORTS = re.compile(r"export\s*\{([^{}]*)\}\s*;?\s*$")
_DEFAULT = re.compile(r"(?:^|,)\s*([\w$]+)\s+as\s+default\s*(?:,|$)")


def as_expression(module: str) -> str:
    """A bundled module, which ends with what it exports, as an expression: its default export."""
    exports = _EXPORTS.search(module)
    default = exports and _DEFAULT.search(exports[1])
    if not exports or not default:
        raise ValueError(
            f"a front end of {len(module):,} characters does not end with a default export; build it again: npm run build"
        )
    return f'(() => {{\n"use strict";\n{module[: exports.start()]}\nreturn {default[1]};\n}})()'
