"""Connectors are found by looking: folders here, entry points of other packages."""

from importlib.metadata import EntryPoint
from types import SimpleNamespace
from typing import Any

import pytest

from unspoken.connectors import registry
from unspoken.connectors.registry import UnknownConnectorError, connector_named, connectors


def test_every_folder_with_a_connector_is_found() -> None:
    assert sorted(connectors()) == ["audiohook", "chatwoot", "email", "pcm", "twilio"]


def test_an_unknown_one_is_told_with_those_that_are_known() -> None:
    with pytest.raises(UnknownConnectorError, match="no connector named 'fax'; there are audiohook, chatwoot, email"):
        connector_named("fax")


def test_other_packages_add_theirs_and_replace_none_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = SimpleNamespace(name="fax")
    offered = [SimpleNamespace(name=name, load=lambda: theirs) for name in ("fax", "email")]

    def entry_points(**_: Any) -> list[EntryPoint]:
        return offered  # type: ignore[return-value]

    monkeypatch.setattr(registry, "entry_points", entry_points)
    connectors.cache_clear()
    try:
        assert connector_named("fax") is theirs
        assert connector_named("email") is not theirs
    finally:
        connectors.cache_clear()
