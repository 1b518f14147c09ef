"""One notebook open in JupyterLab: act by commands, read the model, wait for states."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .lab import Watch

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from .lab import Lab

PANEL = "window.jupyterapp.shell.currentWidget"
READY = f"""() => {{
  const panel = window.jupyterapp && {PANEL};
  const kernel = panel?.sessionContext?.session?.kernel;
  return panel?.context?.isReady && kernel?.status === 'idle' && kernel.connectionStatus === 'connected';
}}"""
RAN = f"""() => {{
  const written = cell => cell.type === 'code' && cell.sharedModel.getSource().trim();
  const cells = [...{PANEL}.content.model.cells].filter(written);
  const failed = cells.some(c => c.outputs.toJSON().some(o => o.output_type === 'error'));
  return failed || cells.every(c => c.executionCount > 0);
}}"""
OUTPUTS = f"() => [...{PANEL}.content.model.cells].flatMap(c => c.type === 'code' ? c.outputs.toJSON() : [])"
SCROLL_TO_WIDGET = f"""() => {{
  const view = 'application/vnd.jupyter.widget-view+json';
  const shows = cell => cell.type === 'code' && cell.outputs.toJSON().some(o => o.data && view in o.data);
  const index = [...{PANEL}.content.model.cells].findIndex(shows);
  return {PANEL}.content.scrollToItem(index, 'start').then(() => index);
}}"""
IN_KERNEL = f"""async (code) => {{
  const kernel = {PANEL}.sessionContext.session.kernel;
  const future = kernel.requestExecute({{code, store_history: false}});
  let text = '';
  future.onIOPub = message => {{
    if (message.header.msg_type === 'stream') text += message.content.text;
    if (message.header.msg_type === 'error') text += message.content.traceback.join('\\n');
  }};
  const reply = await future.done;
  return [reply.content.status, text];
}}"""
FRAMES = """(count) => new Promise(done => {
  const next = () => count-- > 0 ? requestAnimationFrame(next) : done(true);
  next();
})"""


class OpenNotebook:
    """A notebook in the main area of JupyterLab."""

    def __init__(self, page: Page, lab: Lab, path: str) -> None:
        self.page = page
        self.lab = lab
        self._log_start = lab.length
        self.watch = Watch(page)
        page.goto(f"{lab.address}/lab/tree/{path}?reset")
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return once Lab has restored its layout and the kernel is idle."""
        self.page.wait_for_function(READY, timeout=120_000)

    def command(self, name: str) -> None:
        """Execute a JupyterLab command."""
        self.page.evaluate("name => window.jupyterapp.commands.execute(name).then(() => null)", name)

    def run_all(self) -> None:
        """Run every cell; raises with the traceback when one fails."""
        self.command("notebook:clear-all-cell-outputs")
        self.page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells'), null")
        self.page.wait_for_function(RAN, timeout=180_000)
        failed = [output for output in self.outputs() if output["output_type"] == "error"]
        if failed:
            raise AssertionError("\n".join(failed[0]["traceback"]))

    def scroll_to_widget(self) -> None:
        """Bring the first widget into view; Lab keeps cells that are out of sight out of the page."""
        if self.page.evaluate(SCROLL_TO_WIDGET) < 0:
            message = "no output of the notebook holds a widget"
            raise AssertionError(message)

    def outputs(self) -> list[dict[str, Any]]:
        """Every output of the notebook's model."""
        return self.page.evaluate(OUTPUTS)

    def evaluate(self, expression: str) -> str:
        """The `repr` of an expression in the kernel."""
        status, text = self.page.evaluate(IN_KERNEL, f"print(repr({expression}))")
        if status != "ok":
            raise AssertionError(text)
        return text.strip()

    def until_kernel(self, expression: str, *, timeout_s: float = 30) -> None:
        """Ask the kernel until an expression is true there; the page waits one frame between questions."""
        deadline = time.monotonic() + timeout_s
        while self.evaluate(f"bool({expression})") != "True":
            if time.monotonic() > deadline:
                message = f"{expression} did not become true within {timeout_s} s"
                raise TimeoutError(message)
            self.pass_frames(1)

    def save_and_reload(self) -> None:
        """Save the notebook, load the page anew, and wait until it is connected to the same kernel."""
        self.command("docmanager:save")
        self.page.wait_for_function(f"() => !{PANEL}.context.model.dirty")
        self.page.reload()
        self.wait_until_ready()

    def pass_frames(self, count: int) -> None:
        """Let the browser draw some frames."""
        self.page.evaluate(FRAMES, count)

    def until(self, locator: Locator, condition: str, argument: Any = None, *, timeout_s: float = 60) -> None:
        """Wait until `condition`, a JavaScript function of (element, argument), holds."""
        handle = locator.element_handle()
        script = f"([element, argument]) => ({condition})(element, argument)"
        self.page.wait_for_function(script, arg=[handle, argument], timeout=timeout_s * 1000)

    def screenshot(self, path: Path) -> None:
        """Keep a picture of the whole page."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)

    def close(self) -> None:
        """End the kernel and close the page."""
        self.page.evaluate(f"{PANEL}.sessionContext.shutdown()")
        self.page.close()

    def problems(self) -> list[str]:
        """Everything that went wrong in the page, the server or the kernel, and any foreign host."""
        foreign = sorted(self.watch.hosts - {"127.0.0.1"})
        return [
            *self.watch.problems,
            *self.lab.failures(self._log_start),
            *(f"spoke to {host}" for host in foreign),
        ]
