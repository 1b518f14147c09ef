import pytest

from stnb.telemetry import hub
from stnb.zspace.coordinates import reset_sessions


@pytest.fixture(autouse=True)
def _fresh_process():
    hub.reset()
    reset_sessions()
    yield
    hub.reset()
    reset_sessions()
