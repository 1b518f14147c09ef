"""The tiny session of tests/session."""

from tests.session.conftest import make_session  # noqa: F401
