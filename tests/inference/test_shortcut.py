"""`st.z`: the same as the long way round, with options in several spellings."""

import pytest

import stnb as st
from stnb._core.errors import EmptyInput, InvalidValue
from stnb.telemetry import hub


def encoded(text, curvature=-1.0, temperature=0.5):
    return st.LanguageWaveEncoder(curvature, temperature).encode_z_space(text)


def test_texts():
    z = st.z
    assert z["hello"] == encoded("hello") == z("hello") == st.encode_zspace("hello")
    assert z["hello", 0.7] == z["hello", ("temperature", 0.7)] == encoded("hello", temperature=0.7)
    assert z["hello", {"curvature": -0.5}] == z("hello", curvature=-0.5) == encoded("hello", -0.5)
    assert z["hello", 0.7, ("curvature", -0.5)] == encoded("hello", -0.5, 0.7)
    own = st.LanguageWaveEncoder(-2.0, 0.3)
    assert z("hello", encoder=own) == z["hello", ("encoder", own)] == own.encode_z_space("hello")


@pytest.mark.parametrize(
    ("key", "error", "words"),
    [
        (7, TypeError, "of type int"),
        ((b"hello", 0.5), TypeError, "of type bytes"),
        (("hello", 0.5, 0.7), TypeError, "temperature is given twice"),
        (("hello", ("curvature", -1.0), ("curvature", -1.0)), TypeError, "curvature is given twice"),
        (("hello", "temperature"), TypeError, "of type str"),
        (("hello", True), TypeError, "of type bool"),
        (("hello", {"temprature": 0.5}), InvalidValue, "did you mean 'temperature'"),
        (("hello", ("encoder", "none")), TypeError, "encoder is of type str"),
        ("", EmptyInput, "text is empty"),
    ],
)
def test_bad_selectors(key, error, words):
    with pytest.raises(error, match=words):
        st.z[key]


def test_the_rest_is_what_stands_elsewhere():
    a, b = st.z.partial(speed=0.2), st.z.partial(speed=0.6, weight=3.0)
    assert st.z.bundle(a, b) == st.z.blend(a, b) == st.blend_zspace_partials([a, b])
    assert st.z.bundle(a, b, strategy="max")["speed"] == 0.6
    assert st.z.bundle(a, b, weights=[1.0, 1.0])["speed"] == pytest.approx(0.4)
    assert st.z.metrics(speed=0.5).speed == 0.5
    assert len(st.z.embed([[1.0, 2.0], [3.0, 4.0]])) == 2
    assert "st" in repr(st.z)


def test_what_the_hub_knows():
    hub.reset()
    assert st.z.snapshot() is None
    assert st.z.feedback() is None
    assert st.z.signal() is None
    with st.zspace.session() as session:
        session.observe([1.0, 2.0, -1.0, 0.5])
    assert st.z.snapshot() is not None
    assert st.z.describe() != {}
    st.z.clear()
    assert st.z.snapshot() is None
