"""A page that forbids to evaluate text: the loader of a front end imports it instead."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from stnb_widgets import Timeline
from stnb_widgets.front import LOADER

from .lab import Watch
from .pixels import colours, picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(120)]

FREE = "script-src 'unsafe-inline' 'unsafe-eval'"
STRICT = "script-src 'unsafe-inline' blob:"
SHOWN = "() => Number(document.querySelector('.stnb')?.dataset.step) === 999"
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>loader</title>
<link rel="icon" href="data:,">
<div id="here"></div>
<script type="module">
{loader}
try {{ document.body.dataset.evaluates = new Function("return true")(); }}
catch (error) {{ document.body.dataset.evaluates = error.name; }}
const traits = {traits};
traits.keyframe = Uint8Array.from(atob(traits.keyframe), letter => letter.charCodeAt(0));
const model = {{ get: name => traits[name], on() {{}}, off() {{}}, send() {{}} }};
loader.render({{ model, el: document.getElementById("here") }});
</script>
"""


@pytest.fixture(scope="module")
def traits():
    """What a Timeline of 1,000 steps tells the browser, as JSON."""
    timeline = Timeline(channels={"wave": "m"}, title="A wave")
    steps = np.arange(1000)
    timeline.extend(steps, steps * 0.1, {"wave": np.sin(steps / 40)})
    timeline.flush()
    state = {name: getattr(timeline, name) for name in ("scene", "state", "code")}
    state["keyframe"] = base64.b64encode(timeline.keyframe).decode()
    timeline.close()
    return json.dumps(state).replace("<", "\\u003c")


@pytest.mark.parametrize(("policy", "evaluates"), [(FREE, "true"), (STRICT, "EvalError")])
def test_a_front_end_starts_whether_or_not_text_may_be_evaluated(
    browser, tmp_path, traits, policy, evaluates
):
    path = tmp_path / "loader.html"
    loader = LOADER.replace("export default {", "const loader = {")
    path.write_text(PAGE.format(policy=policy, loader=loader, traits=traits), encoding="utf-8")
    page = browser.new_page()
    watch = Watch(page)
    page.goto(path.as_uri())
    page.wait_for_function(SHOWN)
    assert colours(picture(page.locator("[data-stnb=canvas]").first)) > 20, "the canvas is blank"
    assert watch.problems == []
    assert page.locator("body").get_attribute("data-evaluates") == evaluates
    page.close()
