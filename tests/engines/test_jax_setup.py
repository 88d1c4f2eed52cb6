"""The hint that JAX may find an accelerator, without importing it."""

from __future__ import annotations

import importlib

import pytest

from deltarule.engines import jax_setup


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Let the device files be those of a folder, and the packages those of this environment and another folder."""
    monkeypatch.setattr(jax_setup, "DEVICES", (str(tmp_path / "dev" / "nvidia[0-9]*"),))
    monkeypatch.syspath_prepend(tmp_path / "packages")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("JAX_PLATFORMS", raising=False)
    return tmp_path


def add_device(machine) -> None:
    (machine / "dev").mkdir()
    (machine / "dev" / "nvidia0").touch()


def add_plugin(machine, *parts: str) -> None:
    machine.joinpath("packages", *parts).mkdir(parents=True)
    importlib.invalidate_caches()


def add_entry_point(machine) -> None:
    add_plugin(machine, "jax_other-1.0.dist-info")
    folder = machine / "packages" / "jax_other-1.0.dist-info"
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: jax-other\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[jax_plugins]\nother = jax_other\n")


def find_hint() -> bool:
    jax_setup.has_accelerator_hint.cache_clear()
    try:
        return jax_setup.has_accelerator_hint()
    finally:
        jax_setup.has_accelerator_hint.cache_clear()


@pytest.mark.parametrize("plugin", [("jax_plugins", "xla_cuda13"), ("libtpu",), None], ids=["cuda", "tpu", "other"])
def test_a_device_and_a_plugin_are_needed(machine, plugin):
    assert not find_hint()
    add_device(machine)
    assert not find_hint()
    add_plugin(machine, *plugin) if plugin else add_entry_point(machine)
    assert find_hint()
    (machine / "dev" / "nvidia0").unlink()
    assert not find_hint()


def test_outside_linux_a_plugin_suffices(machine, monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    assert not find_hint()
    add_plugin(machine, "jax_plugins", "metal_plugin")
    assert find_hint()


def test_jax_may_be_confined_to_the_cpu_or_absent(machine, monkeypatch):
    add_device(machine)
    add_plugin(machine, "jax_plugins", "xla_cuda13")
    with monkeypatch.context() as changed:
        changed.setenv("JAX_PLATFORMS", "cpu")
        assert not find_hint()
    assert find_hint()
    monkeypatch.setitem(jax_setup.sys.modules, "jax", None)
    assert not find_hint()
