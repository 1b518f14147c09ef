"""Devices, choices and plans to draw from."""

from hypothesis import strategies as st

from stnb.planner import Choice, DeviceCaps

TEMPLATES = {
    "wgpu": DeviceCaps.wgpu(),
    "cuda": DeviceCaps.cuda(),
    "hip": DeviceCaps.hip(),
    "mps": DeviceCaps.mps(),
    "cpu": DeviceCaps.cpu(),
}
KINDS = ("topk", "midk", "bottomk")
MERGES = ((0, 3), (1, 1), (1, 2), (2, 4), (2, 5))
SIZES = st.integers(0, 2**31)


@st.composite
def _caps(draw):
    lane = draw(st.integers(1, 128))
    shared = draw(st.none() | st.integers(1, 2**18))
    most = draw(st.integers(lane, 2048))
    return DeviceCaps(draw(st.sampled_from(sorted(TEMPLATES))), lane, most, draw(st.booleans()), shared)


@st.composite
def _choices(draw):
    subgroup = draw(st.booleans())
    mk, mkd = draw(st.sampled_from(MERGES if subgroup else MERGES[:3]))
    fft = draw(st.just((0, 0, 0)) | st.tuples(_power(18), st.sampled_from((2, 4)), st.integers(1, 4)))
    numbers = [draw(st.integers(1, 2**31)), draw(st.integers(1, 64)), draw(SIZES)]
    return Choice(draw(st.booleans()), *numbers, mk, mkd, draw(SIZES), draw(SIZES), subgroup, *fft)


def _power(most):
    return st.integers(1, most).map(lambda bits: 2**bits)


CAPS = _caps()
CHOICES = _choices()
