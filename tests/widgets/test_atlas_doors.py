"""What an Atlas and its parts refuse, and the words they use."""

import numpy as np
import pytest
from stnb_widgets import Atlas, District, Markers, Slice

from .company import plane, scene_of

TWO = np.zeros((2, 3))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Atlas(projection="4d"), ValueError, r"projection is '4d'; choose from 3d, 2d, disk"),
        (
            lambda: Atlas(projection="2d", box=((0, 0), (0, 1))),
            ValueError,
            r"box is .*\(\(0, 0\), \(1, 1\)\)",
        ),
        (lambda: scene_of(ids=[1, 2]), ValueError, r"ids have shape \(2,\); pass one each: shape \(200,\)"),
        (lambda: scene_of(2, ids=[1.5, 2.0]), TypeError, r"ids have dtype float64; whole numbers"),
        (lambda: scene_of(2, ids=[-1, 2]), ValueError, r"ids run from -1 to 2; .*pass 0 to 4294967295"),
        (lambda: scene_of(2, ids=[1, 2**32]), ValueError, r"4294967296"),
        (lambda: scene_of(districts=[District("a", 0, 0, 1)] * 65), ValueError, r"65 districts .*64 at most"),
        (lambda: scene_of(badge=dict.fromkeys("abcdefghi", 0.0)), ValueError, r"9 quantities; pass 8"),
        (lambda: scene_of(2, carriers=Markers(TWO, links=[(0, 5)])), ValueError, r"particle 5 of 2.*0 to 1"),
        (lambda: Markers(np.zeros((2, 4))), ValueError, r"markers have shape \(2, 4\)"),
        (lambda: Markers(np.zeros((2, 3), complex)), TypeError, r"markers has dtype complex128|complex128"),
        (lambda: Markers(TWO, sizes=[1]), ValueError, r"sizes of the markers have shape \(1,\).*\(2,\)"),
        (lambda: Markers(TWO, sizes=[1, np.nan]), ValueError, r"a marker has size nan"),
        (lambda: Markers(TWO, sizes=[1, -3.0]), ValueError, r"a marker has size -3.0"),
        (lambda: Markers(TWO, kinds=["a"]), ValueError, r"1 kinds .* for 2 markers"),
        (lambda: Markers(TWO, links=[(2, 0)]), ValueError, r"a link starts at marker 2 of 2.*0 to 1"),
        (lambda: Markers(TWO, links=[(0.5, 0)]), ValueError, r"numbers that count nothing"),
        (lambda: Markers(TWO, links=[(0, 1, np.nan)]), ValueError, r"numbers that count nothing"),
        (lambda: Markers(TWO, links=[0, 1]), ValueError, r"links has shape \(2,\)"),
        (lambda: Slice(np.zeros(3)), ValueError, r"slice have shape \(3,\).*field\[:, :, k\]"),
        (lambda: Slice(np.zeros((3, 3)), "w"), ValueError, r"axis is 'w'"),
        (lambda: Slice(np.zeros((3, 3)), "x", np.nan), ValueError, r"at is nan"),
        (lambda: District("", 0, 0, 1), ValueError, r"empty name"),
        (lambda: District("a", np.inf, 0, 1), ValueError, r"district 'a' lies at \(inf, 0\)"),
        (lambda: District("a", 0, 0, np.nan), ValueError, r"radius nan; pass a finite number > 0"),
        (
            lambda: Atlas().offer(plane(attributes={})),
            ValueError,
            r"shape \(100, 2\).*\(n, 3\).*projection=\"2d\"",
        ),
        (
            lambda: Atlas(projection="2d").offer(plane(attributes={}, field=Slice(np.zeros((2, 2)), "x"))),
            ValueError,
            r"stands across axis 0.*axis \"z\"",
        ),
        (lambda: Atlas().select([[1]]), ValueError, r"ids has shape \(1, 1\)"),
        (lambda: Atlas().select([0.5]), TypeError, r"ids have dtype float64"),
    ],
)
def test_bad_input_is_explained(make, error, message):
    with pytest.raises(error, match=message):
        make()
