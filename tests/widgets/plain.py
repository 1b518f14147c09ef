"""The smallest live widget: a row of numbers a frame, drawn as a grey bar. For tests of what all widgets share."""

from dataclasses import dataclass

import numpy as np
from stnb_widgets import parcel
from stnb_widgets.base import LiveWidget
from stnb_widgets.parcel import Parcel
from stnb_widgets.raster import Canvas


@dataclass(frozen=True)
class Bar:
    """One frame."""

    number: int
    step: int
    values: np.ndarray

    @property
    def nbytes(self):
        return self.values.nbytes


class Bars(LiveWidget):
    """Shows rows of bytes."""

    _esm = "const plain={render(){}};export{plain as default};\n"
    _css = ".bars{}\n"

    def __init__(self, **options):
        super().__init__({}, {}, **options)
        self.count = 0

    def offer(self, values, step=None):
        self.count += 1
        step = 10 * self.count if step is None else step
        self._show(Bar(self.count, step, np.asarray(values, np.uint8)))

    @property
    def alt_text(self):
        return f"{self.title or 'Bars'}: {self.count} frames."

    def poster(self):
        return self.poster_of(self._parcel(0, self._link.latest, 1000))

    def poster_of(self, parcel):
        canvas = Canvas(41, 27, (0.1, 0.2, 0.3))
        for at, value in enumerate(parcel.arrays["values"]):
            canvas.rect(3 * at, 20 - value / 16, 3 * at + 2, 27, (value / 255, 0.5, 0.25))
        return canvas.png()

    def numbers_of(self, parcel):
        return {"values": parcel.arrays["values"] / 255}

    def _parcel(self, seq, frame, most_bytes):
        header = parcel.header(seq=seq, number=frame.number, step=frame.step, time=frame.step / 8, status="")
        return Parcel(header, {"values": frame.values[:most_bytes]})
