"""LaTeX to MathML when pages are written, so that formulas need neither scripts nor a network."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from stnb._core.errors import InputError, MissingExtraError

__all__ = ["mathml"]

THIN = {"width": "0.167em"}
LONG = 40
SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
ROWS = {"math", "mrow", "mstyle", "mtd"}
_NAMESPACE = re.compile(r' xmlns="[^"]*"')


def mathml(formula: str, *, block: bool = False) -> str:
    r"""A LaTeX formula, without its dollar signs, as a `<math>` element.

    Args:
        formula: such as `\tfrac12 m v^2`.
        block: on a line of its own.

    Raises:
        InputError: for a formula that is empty or holds something unknown.
        MissingExtraError: without the package of `stnb[gallery]`.
    """
    try:
        from latex2mathml.converter import convert
    except ImportError as error:
        raise MissingExtraError(
            f"writing formulas needs {error.name}; pip install 'stnb[gallery]'"
        ) from error

    source = " ".join(formula.split())
    if not source:
        raise InputError("a formula is empty; write something between the dollar signs.")
    try:
        element = convert(source, display="block" if block else "inline")
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise InputError(f"the formula {formula!r} cannot be read ({reason}); check its braces.") from error
    tree = ET.fromstring(_NAMESPACE.sub("", element, count=1))  # noqa: S314 (written a moment ago, not received)
    shown = "".join(tree.itertext())
    if "\\" in shown or "$" in shown:
        raise InputError(f"the formula {formula!r} would show as {shown!r}; write it with plainer commands.")
    for node in list(tree.iter()):
        _join_letters(node)
    for node in list(tree.iter()):
        if node.tag in ROWS:
            _space_names(node)
    tree.set("title", source)
    return _framed(ET.tostring(tree, encoding="unicode"), block=block, long=len(list(tree.iter())) > LONG)


def _framed(element: str, *, block: bool, long: bool) -> str:
    """What may be wider than a narrow screen gets a frame that scrolls."""
    kind = "block" if block else "long" if long else ""
    return f'<span class="formula {kind}" tabindex="0">{element}</span>' if kind else element


def _join_letters(node: Element) -> None:
    """A row of upright letters is one word, in the place of that row."""
    letters = [child.text or "" for child in node]
    upright = all(child.tag == "mi" and child.get("mathvariant") == "normal" for child in node)
    if node.tag == "mrow" and len(letters) > 1 and upright:
        node.clear()
        node.tag, node.text = "mi", "".join(letters)


def _space_names(row: Element) -> None:
    """Names of functions keep a thin space from what stands beside them, as in print."""
    children = list(row)
    for i, child in enumerate(children):
        if not _is_name(child):
            continue
        before = children[i - 1] if i else None
        after = children[i + 1] if i + 1 < len(children) else None
        if before is not None and before.tag not in {"mo", "mspace"}:
            row.insert(list(row).index(child), Element("mspace", THIN))
        if after is not None and after.tag not in {"mo", "mspace"}:
            row.insert(list(row).index(child) + 1, Element("mspace", THIN))


def _is_name(node: Element) -> bool:
    """Whether this is a word of several letters, such as ln, perhaps with an index."""
    head = node[0] if node.tag in SCRIPTS else node
    return head.tag == "mi" and len(head.text or "") > 1
