import numpy as np
import pytest

from stnb._core import registry
from stnb._core.errors import BackgroundError, BusyError, ConfigError, InputError, StnbError


def test_step__appends_one_row_a_step(make_session):
    session = make_session()
    session.step()
    session.step(4)
    session.step(0)
    assert session.step_index == 5
    assert session.time == pytest.approx(0.5)
    assert session.history.steps.tolist() == [0, 1, 2, 3, 4, 5]
    assert session.history.last["count"] == 5


@pytest.mark.parametrize("n", [-1, 1.5, True, "3"])
def test_step__refuses_bad_counts(make_session, n):
    session = make_session()
    with pytest.raises(InputError, match="how many steps"):
        session.step(n)
    with pytest.raises(InputError, match="how many steps"):
        session.run(n)
    assert session.step_index == 0


def test_step__chunking_does_not_matter(make_session):
    one, two = make_session(seed=3), make_session(seed=3)
    one.step(10)
    for n in (3, 1, 6):
        two.step(n)
    assert np.array_equal(one.engine.x, two.engine.x)
    assert not np.array_equal(one.engine.x, make_session(seed=4).engine.x)


def test_run__ends_with_steps_or_seconds_whichever_is_first(make_session):
    ticks = iter(range(10**6))
    session = make_session(clock=lambda: float(next(ticks)))
    session.run(7)
    assert session.step_index == 7
    session.run(1000, seconds=5)
    assert 7 < session.step_index < 14
    before = session.step_index
    session.run(2, seconds=500)
    assert session.step_index == before + 2


@pytest.mark.parametrize("options", [{}, {"seconds": 0}, {"seconds": -1}, {"seconds": float("nan")}])
def test_run__needs_an_end(make_session, options):
    with pytest.raises(InputError, match="seconds"):
        make_session().run(**options)


def test_run__bar_obeys_the_environment(make_session, monkeypatch, capsys):
    session = make_session()
    session._progress_note = lambda: {"drift": "1e-09"}
    session.run(3)
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("TQDM_DISABLE", "0")
    session.run(3, progress=False)
    assert capsys.readouterr().err == ""
    session.run(3)
    shown = capsys.readouterr().err
    assert "3/3" in shown
    assert "drift=1e-09" in shown


def test_frames__are_built_only_when_somebody_is_due(make_session):
    session, seen = make_session(), []
    session.step(5)
    assert session.engine.snapshots == 0
    with session.subscribe(lambda f: seen.append(f.step), every=3):
        session.step(7)
    session.step(3)
    assert seen == [6, 9, 12]
    assert session.engine.snapshots == 3
    assert session.frames.steps == [6, 9, 12]


def test_snapshot__is_the_present_and_built_once(make_session):
    session = make_session()
    first = session.snapshot()
    assert session.snapshot() is first
    session.step()
    assert session.snapshot().step == 1
    assert session.engine.snapshots == 2


def test_refresh__serves_everybody_now(make_session):
    session, seen = make_session(), []
    session.subscribe(lambda f: seen.append(f.step), every=1000)
    session.step(2)
    session.refresh()
    assert seen == [2]


def test_subscriber__failure_never_stops_the_run_and_is_raised_next(make_session):
    session = make_session()
    session.subscribe(lambda _: 1 / 0, every=2)
    with pytest.raises(BackgroundError, match="failed at step 2") as caught:
        session.step(5)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert session.step_index == 5
    session.assert_clean()
    session.frames.clear()
    with pytest.raises(BackgroundError):
        session.run(2)
    session.assert_clean()


def test_set__changes_live_parameters(make_session):
    session = make_session()
    session.set(dt=0.5)
    session.step()
    assert session.time == 0.5
    assert session.config.dt == 0.5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dt": 2}, r"range \(0, 1\] s"),
        ({"dtt": 0.5}, "did you mean 'dt'"),
        ({"particles": 3}, r"particles cannot change while a session lives \(live: dt\)"),
        ({"dt": 0.5, "particles": 3}, "particles cannot change"),
        ({"dt": 0.5, "typo": 3}, "no setting 'typo'"),
    ],
)
def test_set__a_bad_value_changes_nothing(make_session, changes, message):
    session = make_session()
    before = session.config
    with pytest.raises(ConfigError, match=message):
        session.set(**changes)
    assert session.config is before
    assert session.engine.config is before


def test_set__is_undone_when_the_engine_refuses(make_session):
    session = make_session()
    before = session.config
    with pytest.raises(RuntimeError, match="the device said no"):
        session.set(dt=0.666)
    assert session.config is before


def test_sessions__share_nothing(make_session):
    one, two, seen = make_session(), make_session(), []
    one.subscribe(seen.append)
    two.step(3)
    two.set(dt=0.3)
    two.close()
    assert seen == []
    assert one.config.dt == 0.1
    one.step()
    assert len(seen) == 1
    assert len(two.history) == 4


def test_close__refuses_what_comes_after_and_can_be_repeated(make_session, tmp_path):
    with make_session() as session:
        session.step(2)
    session.close()
    for call in (session.step, session.play, session.view, lambda: session.set(dt=0.2)):
        with pytest.raises(BusyError, match="is closed"):
            call()
    assert len(session.history) == 3
    assert session.save(tmp_path / "late").is_file()


def test_close__raises_what_is_unsaid_but_masks_nothing(make_session):
    def fail(frame):
        raise KeyError("lost")

    session = make_session()
    session.subscribe(fail, every=100)
    with pytest.raises(BackgroundError, match="lost"), session:
        session.refresh()
    session = make_session()
    session.subscribe(fail, every=100)

    def leave():
        with session:
            session.refresh()
            raise OSError("mine")

    with pytest.raises(OSError, match="mine"):
        leave()


def test_repr__prints_the_config_in_full(make_session):
    session = make_session(seed=7)
    session.step(2)
    assert repr(session) == "WalkSession(step 2, t = 0.2, paused, seed 7)"
    page = session._repr_html_()
    assert all(text in page for text in ("particles", "dt", "0.1", "(0, 1] s", "3 rows", "step 2"))


def test_view__goes_through_the_registry(make_session, monkeypatch):
    monkeypatch.setattr(registry, "_factories", {})
    registry.register_view(make_session.kind, lambda session, **options: (session, options))
    session = make_session()
    assert session.view(height=300) == (session, {"height": 300})
    monkeypatch.setattr(registry, "_factories", {})
    monkeypatch.setattr(registry.importlib, "import_module", lambda _: None)
    with pytest.raises(StnbError, match="no view of a WalkSession"):
        session.view()


def test_plot_history__draws_columns_over_time(make_session):
    session = make_session()
    session.step(3)
    figure = session.plot_history("kinetic")
    (trace,) = figure.data
    assert trace.name == "kinetic"
    assert np.allclose(trace.y, session.history["kinetic"])
    assert np.allclose(trace.x, [0, 0.1, 0.2, 0.3])
    assert len(session.plot_history().data) == 2
    with pytest.raises(InputError, match="did you mean 'kinetic'"):
        session.plot_history("kinetc")


def test_a_step_that_fails_leaves_a_usable_session(make_session):
    session = make_session()
    session.engine.fail_at = 2
    with pytest.raises(ZeroDivisionError):
        session.step(3)
    session.step(1)
    assert session.step_index == 2


def test_history__a_step_that_is_not_finite_is_refused(make_session):
    session = make_session()
    session.engine.x[0, 0] = np.nan
    with pytest.raises(InputError, match="kinetic = nan at step 1"):
        session.step()


def test_on_change__tells_of_playing_and_settings(make_session):
    session, told = make_session(), []
    session.on_change(lambda: told.append((session.playing, session.config.dt)))
    session.set(dt=0.2)
    session.play()
    session.wait_for(session.step_index + 1, timeout=20)
    session.pause()
    assert told[0] == (False, 0.2)
    assert told[1] == (True, 0.2)
    assert told[-1] == (False, 0.2)


def test_on_change__what_a_callback_raises_is_raised_by_the_next_call(make_session):
    session = make_session()
    session.on_change(lambda: 1 / 0)
    session.set(dt=0.2)
    with pytest.raises(BackgroundError, match="division by zero"):
        session.assert_clean()
    assert session.config.dt == 0.2
