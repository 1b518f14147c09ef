"""Things that record, to look at: every row arrives once and none is lost; maps of the past explain themselves."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest
import torch
from stnb_widgets import District
from torch import nn

import stnb
from stnb._core.errors import InputError, UnknownNameError
from stnb.chrono import AtlasFragment
from stnb.views import Dashboard
from stnb.views.districts import AtlasMap
from stnb.views.watch import _Held

RNG = torch.Generator()


@pytest.fixture
def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))


@pytest.fixture
def optimizer(model):
    return torch.optim.SGD(model.parameters(), 0.1)


@pytest.fixture
def watch(model, optimizer):
    return stnb.watch(model, optimizer=optimizer, every=2)


def train(watch, steps, *, loss_is_nan=False):
    optimizer = next(iter(watch._loop._readers.values())).optimizer
    RNG.manual_seed(1)
    for _ in range(steps):
        x = torch.randn(8, 4, generator=RNG)
        optimizer.zero_grad()
        loss = watch.model(x).square().mean()
        loss.backward()
        optimizer.step()
        watch.step(float("nan") if loss_is_nan else loss)


def samples(timeline):
    return len(timeline._history)


def wish(widget, name, value=None):
    widget._receive(name, value)
    widget.assert_clean()


def test_watch_view__has_both_panels_or_the_one_that_is_named(watch):
    view = watch.view(title="Two layers")
    assert isinstance(view, Dashboard)
    assert list(view) == ["timeline", "atlas"]
    assert watch.view("atlas").alt_text
    assert "Two layers" in view.alt_text
    with pytest.raises(InputError, match="timelin"):
        watch.view("timelin")


def test_watch_view__every_step_arrives_once_and_the_last_at_the_end(watch):
    view = watch.view(hz=0.01)
    with watch:
        train(watch, 25)
        assert samples(view.timeline) < 25
    assert samples(view.timeline) == 25
    assert "step 0 to 24" in view.timeline.alt_text
    assert "step 24" in view.atlas.alt_text
    view.flush()
    assert samples(view.timeline) == 25


def test_watch_view__shown_while_it_runs_it_takes_what_is_new(watch):
    view = watch.view(hz=0.01)
    with watch:
        train(watch, 9)
        data, _ = view._repr_mimebundle_()
        assert samples(view.timeline) == 9
        assert "step 0 to 8" in data["text/plain"]


def test_watch_view__made_after_the_run_it_has_everything(watch):
    with watch:
        train(watch, 12)
    view = watch.view()
    assert samples(view.timeline) == 12
    assert "districts 0, 2" in view.atlas.alt_text


def test_watch_view__a_reading_holds_until_the_next(watch):
    held = _Held()
    with watch:
        train(watch, 5)
        first = held(watch, -1)
        train(watch, 2)
        second = held(watch, 4)
    norms = watch.history["grad_norm"]
    assert np.isnan(norms[[3, 5]]).all()
    assert first["grad_norm"].tolist() == norms[[0, 1, 2, 2, 4]].tolist()
    assert second["step"].tolist() == [5, 6]
    assert second["grad_norm"].tolist() == norms[[4, 6]].tolist()
    np.testing.assert_array_equal(first["loss"], watch.history["loss"][:5])


def test_watch_view__a_loss_that_is_nan_is_a_gap_and_the_verdict_says_so(watch):
    view = watch.view()
    with watch:
        train(watch, 4, loss_is_nan=True)
        assert [a.kind for a in watch.advice()] == ["exploding"]
    assert samples(view.timeline) == 4
    assert "exploding" in view.atlas.alt_text


def test_watch_view__keeps_no_watch_alive(model):
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    watch = stnb.watch(model, optimizer=optimizer)
    view = watch.view()
    seen = weakref.ref(watch)
    del watch
    gc.collect()
    assert seen() is None
    view.flush()


def test_watch_view__closed_it_stops_listening(watch):
    view = watch.view()
    assert len(watch._bus.subscriptions) == 1
    view.close()
    assert len(watch._bus.subscriptions) == 0
    with watch:
        train(watch, 3)


def test_watch_view__looked_at_from_other_threads_while_it_trains(watch):
    view, over, failed = watch.view(hz=500), threading.Event(), []

    def look():
        try:
            while not over.is_set():
                view.flush()
                wish(view.atlas, "seek", 3)
                wish(view.atlas, "seek")
                over.wait(0.002)
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    looking = threading.Thread(target=look)
    with watch:
        looking.start()
        train(watch, 80)
        over.set()
        looking.join(20)
    assert not looking.is_alive()
    assert failed == []
    view.assert_clean()
    assert samples(view.timeline) == 80


def test_the_past__a_point_of_an_old_map_tells_its_old_value(watch, monkeypatch):
    view, offered = watch.view(hz=1e6), []
    monkeypatch.setattr(type(view.atlas), "offer", lambda _, points: offered.append(points))
    with watch:
        train(watch, 10)
    now, before = watch.latest_layers()["0"]["weight_norm"], watch.layer_history("0")["weight_norm"][2]
    assert explained(view.atlas, len(offered[-1].positions)) == now != before
    wish(view.atlas, "seek", 2)
    assert offered[-1].step == 2
    assert view.atlas.state["past"]["shown"] == 2
    assert explained(view.atlas, len(offered[-1].positions)) == before
    wish(view.atlas, "seek")
    assert offered[-1].step == 9
    assert explained(view.atlas, len(offered[-1].positions)) == now


def explained(atlas, count):
    """What the tooltip says of the weights of layer 0 on the map that is shown."""
    answers = [atlas._expert("particle")(number) for number in range(count)]
    return next(metric[1] for metric, home in answers if (metric[0], home[1]) == ("weight.norm", "0"))


def test_the_past__there_is_nothing_to_explain_before_the_first_map(watch):
    view = watch.view("atlas")
    with pytest.raises(UnknownNameError, match="no map yet"):
        view._expert("particle")(0)
    wish(view, "seek", 3)


def resonance(session):
    seed = stnb.Tensor(1, 2, [0.1, 0.2])
    trace = session.trace(seed).deform(seed, seed).via(np.eye(2))
    return trace.with_barycenter_from([1.0], [stnb.Tensor(1, 2, [0.5, 0.5])]).resonate()


def test_spiral_view__shows_the_last_frame_however_fast_they_came():
    session = stnb.SpiralSession(device="cpu")
    view = session.view(hz=0.01)
    for _ in range(6):
        session.resonate_over_time(resonance(session), dt=1.0)
    assert samples(view.timeline) < 6
    view.flush()
    assert samples(view.timeline) == 6
    assert "step 5" in view.atlas.alt_text
    assert "maintainer" in view.atlas.alt_text


def chart(count, values=(1.0, 2.0, 3.0), before=None):
    atlas = AtlasMap()
    for numbers in filter(None, (before, values)):
        fragment = AtlasFragment(timestamp=1.0)
        for district in range(count):
            for number, value in enumerate(numbers):
                fragment.push_metric(f"m{number}", value, district=f"d{district}")
        drawn = atlas.draw(fragment.to_frame(), 7)
    return drawn


@pytest.mark.parametrize("count", [1, 2, 3, 7, 12])
def test_districts__lie_in_the_disk_beside_each_other_with_their_metrics_inside(count):
    points = chart(count).points
    marks = points.districts
    assert len(marks) == count
    assert all(isinstance(mark, District) for mark in marks)
    places = np.array([[mark.x, mark.y] for mark in marks])
    radii = np.array([mark.radius for mark in marks])
    assert (np.linalg.norm(places, axis=1) + radii <= 1).all()
    apart = np.linalg.norm(places[:, None] - places, axis=-1) + 9 * np.eye(count)
    assert (apart > radii[:, None] + radii + 1e-9).all()
    inside = np.linalg.norm(points.positions.reshape(count, 3, 2) - places[:, None], axis=-1)
    assert (inside < radii[:, None]).all()


def test_districts__change_is_a_share_and_a_new_metric_has_none():
    assert chart(1).points.attributes["change"].tolist() == [0.0, 0.0, 0.0]
    changed = chart(1, values=(3.0, 2.0, -3.0), before=(1.0, 2.0, 3.0))
    np.testing.assert_allclose(changed.points.attributes["change"], [0.5, 0.0, -1.0], atol=1e-12)
    assert changed.points.districts[0].value == pytest.approx(0.5)
    with pytest.raises(UnknownNameError, match="3 of them"):
        changed.explain(3)


def test_dashboard__knows_its_views_by_name(watch):
    view = watch.view()
    assert view["atlas"] is view.atlas
    assert len(view) == 2
    assert "atlas" in dir(view)
    with pytest.raises(AttributeError, match="atlas"):
        _ = view.atlsa
    with pytest.raises(KeyError, match="timeline"):
        view["timelin"]
    with pytest.raises(InputError, match="at least one"):
        Dashboard({})


def test_dashboard__is_a_page_without_a_kernel(watch, tmp_path):
    view = watch.view(hz=0.01)
    with watch:
        train(watch, 20)
    page = view.to_html(tmp_path / "run.html").read_text()
    assert "20 samples from step 0 to 19" in page
    assert "step 19" in page


def test_a_view_is_given_again_until_it_is_closed(tmp_path):
    session = stnb.SpiralSession()
    view = session.view()
    assert session.view() is view
    assert session.view("atlas") is not view
    session.resonate_over_time(resonance(session), dt=0.1)
    session.to_html(tmp_path / "run.html")
    assert session.view() is view
    assert len(session._bus.subscriptions) == 2
    view.close()
    assert session.view() is not view
