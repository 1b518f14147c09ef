"""The browser harness itself, on a notebook with a widget of five lines."""

from __future__ import annotations

import pytest

from tests import tiny_notebooks

from .lab import failures_in
from .pixels import STILL, colours, difference, picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

COUNTER = '''
import anywidget, traitlets

class Counter(anywidget.AnyWidget):
    _esm = """
    function render({ model, el }) {
      const canvas = document.createElement("canvas");
      const button = document.createElement("button");
      const draw = () => {
        const pen = canvas.getContext("2d");
        pen.clearRect(0, 0, 300, 150);
        pen.fillStyle = "teal";
        pen.fillRect(20 * model.get("count"), 10, 60, 60);
        el.dataset.count = model.get("count");
      };
      button.textContent = "more";
      button.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
      model.on("change:count", draw);
      el.dataset.test = "counter";
      el.append(canvas, button);
      draw();
    }
    export default { render };
    """
    count = traitlets.Int(0).tag(sync=True)

counter = Counter()
'''


def save(tmp_path, *cells):
    return tiny_notebooks.save(tmp_path / "notebooks", "counter.ipynb", tiny_notebooks.notebook(*cells))


def test_a_widget_is_seen_clicked_reloaded(open_notebook, tmp_path, screenshots):
    notebook = open_notebook(save(tmp_path, COUNTER, "counter", "print('done', counter.count)"))
    notebook.run_all()
    assert any("done 0" in output.get("text", "") for output in notebook.outputs())
    root = notebook.page.locator("[data-test=counter]")
    root.wait_for()
    before = picture(root.locator("canvas"))
    assert colours(before) > 1
    notebook.pass_frames(5)
    assert difference(before, picture(root.locator("canvas"))) < STILL
    root.locator("button").click()
    notebook.until(root, "(element, count) => element.dataset.count === count", "1")
    assert difference(before, picture(root.locator("canvas"))) > STILL
    assert notebook.evaluate("counter.count") == "1"
    notebook.save_and_reload()
    root.wait_for()
    assert root.get_attribute("data-count") == "1"
    notebook.screenshot(screenshots / "counter.png")
    assert notebook.problems() == []


def test_problems_are_noticed(open_notebook, tmp_path):
    notebook = open_notebook(save(tmp_path, "lamp = 1", "raise ValueError('no light')"))
    with pytest.raises(AssertionError, match="no light"):
        notebook.run_all()
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        notebook.evaluate("1 / 0")
    with pytest.raises(TimeoutError, match="lamp == 2 did not become true"):
        notebook.until_kernel("lamp == 2", timeout_s=0.1)
    assert notebook.problems() == []
    notebook.page.evaluate(
        "console.error('lamp is broken'), setTimeout(() => { throw new Error('dark') }), null"
    )
    with notebook.page.expect_event("requestfailed"):
        notebook.page.evaluate("fetch('http://example.invalid/').catch(() => null)")
    notebook.evaluate("__import__('os').write(2, b'ERROR in a thread\\n')")
    found = "\n".join(notebook.problems())
    assert "console: lamp is broken" in found
    assert "page error: dark" in found
    assert "request failed: http://example.invalid/" in found
    assert "spoke to example.invalid" in found
    notebook.lab.wait_for_log("ERROR in a thread")
    assert "ERROR in a thread\n" in notebook.problems()


def test_a_log_is_searched_for_errors_but_a_reload_may_hang_up():
    hung_up = [
        "[E 2026-01-01 00:00:00.000 ServerApp] Uncaught exception in write_message\n",
        "    Traceback (most recent call last):\n",
        '      File "websocket.py", line 1, in write_message\n',
        "tornado.websocket.WebSocketClosedError\n",
    ]
    broken = ["Traceback (most recent call last):\n", '  File "a.py", line 1\n', "ValueError: no\n"]
    fine = ["[I 2026-01-01 00:00:00.000 ServerApp] Saving file\n"]
    assert failures_in(fine + hung_up + fine) == []
    assert failures_in(hung_up + broken + fine) == ["".join(broken)]
