import pytest

from stnb.telemetry import hub


@pytest.fixture(autouse=True)
def _empty_hub():
    hub.reset()
    yield
    hub.reset()
