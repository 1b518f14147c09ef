"""A cell that shows a widget, run again and again: no widget stays in the kernel, and nothing of ours in the page."""

from __future__ import annotations

import json

import pytest

from .notebook import PANEL

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

WARM_UP, MOST_RUNS, SECONDS = 3, 200, 40
MOST_GROWTH = 10e6
SETUP = """
import gc, weakref
import numpy as np
from IPython.display import display
from stnb_widgets import Atlas, Points
positions = np.random.default_rng(0).uniform(0, 31, (200, 3))
atlas, made = None, []
"""
CELL = """
if atlas is not None:
    atlas.close()
atlas = Atlas(box=((0, 0, 0), (31, 31, 31)), title="again", group="run")
made.append(weakref.ref(atlas))
atlas.offer(Points(step=len(made), time=0.0, positions=positions))
display(atlas)
"""
RUN_AGAIN = f"""async ([count, seconds]) => {{
  const end = performance.now() + 1000 * seconds;
  const notebook = {PANEL}.content;
  notebook.activeCellIndex = 1;
  const shown = step => {{
    const roots = document.querySelectorAll('.stnb-atlas');
    return roots.length === 1 && roots[0].dataset.step === String(step);
  }};
  let step = Number(document.querySelector('.stnb-atlas')?.dataset.step || 0);
  for (let i = 0; i < count && performance.now() < end; i++) {{
    await window.jupyterapp.commands.execute('notebook:run-cell');
    step += 1;
    const patience = performance.now() + 20000;
    while (!shown(step)) {{
      if (performance.now() > patience) throw new Error(`step ${{step}} did not come into sight`);
      await new Promise(requestAnimationFrame);
    }}
  }}
  return step;
}}"""
# What the panel around a view says when a widget is closed while it is on the screen; the code is that of the host.
OF_THE_HOST = "processLuminoMessage"
GLOBALS = "() => Reflect.ownKeys(globalThis).map(String)"
NO_WIDGET = "() => document.querySelectorAll('.stnb').length === 0"


def notebook_of(folder, cells):
    """A notebook file of code cells."""
    common = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    written = [{**common, "id": f"cell{i}", "source": text.strip()} for i, text in enumerate(cells)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    folder.mkdir()
    path = folder / "again.ipynb"
    path.write_text(json.dumps({"cells": written, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


def heap(client):
    """Bytes of JavaScript that are in use after the garbage is gone."""
    for _ in range(2):
        client.send("HeapProfiler.collectGarbage")
    return client.send("Runtime.getHeapUsage")["usedSize"]


def test_running_a_cell_again_and_again_leaves_no_widget_and_no_global_behind(
    open_notebook, tmp_path, record_property
):
    notebook = open_notebook(notebook_of(tmp_path / "book", [SETUP, CELL]))
    before = set(notebook.page.evaluate(GLOBALS))
    notebook.run_all()
    notebook.scroll_to_widget()
    notebook.page.wait_for_selector(".stnb-atlas")
    client = notebook.page.context.new_cdp_session(notebook.page)
    warm = notebook.page.evaluate(RUN_AGAIN, [WARM_UP, SECONDS])
    first = heap(client)
    runs = notebook.page.evaluate(RUN_AGAIN, [MOST_RUNS, SECONDS]) - warm
    growth = heap(client) - first
    record_property("heap_growth_bytes", growth)
    print(
        f"{runs} runs of a cell with a widget: browser heap {growth / 1e6:+.2f} MB from {first / 1e6:.1f} MB; "
        f"that makes {growth / 1e6 * MOST_RUNS / runs:+.2f} MB in {MOST_RUNS} runs"
    )
    assert warm == 1 + WARM_UP
    assert runs > WARM_UP
    assert growth < MOST_GROWTH

    assert notebook.evaluate("(gc.collect(), sum(ref() is not None for ref in made))[1]") == "1"
    assert set(notebook.page.evaluate(GLOBALS)) - before == {"Symbol(stnb)"}
    notebook.evaluate("atlas.close()")
    notebook.page.wait_for_function(NO_WIDGET)
    notebook.evaluate("globals().update(atlas=None)")
    assert notebook.evaluate("(gc.collect(), sum(ref() is not None for ref in made))[1]") == "0"
    assert set(notebook.page.evaluate(GLOBALS)) == before
    assert [problem for problem in notebook.problems() if OF_THE_HOST not in problem] == []
