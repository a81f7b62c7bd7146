"""Fixtures of more than one file."""

import pytest


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The test runs in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
