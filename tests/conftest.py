"""Options of the test suite."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-pairs", action="store_true", help="run every model on every target, not today's share")
    parser.addoption("--bless", action="store_true", help="write golden files instead of comparing with them")
