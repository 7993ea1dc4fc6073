"""A page's connection to its kernel holds no small message back."""

from types import SimpleNamespace

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

from helpers.reading.channel import PromptChannel
from helpers.runs import PROJECT


def connected(monkeypatch, socket) -> tuple[list, object]:
    """What is said to the socket when a channel connects, and what connecting returns."""
    said = []
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda _: "connected")
    channel = PromptChannel.__new__(PromptChannel)
    handler = SimpleNamespace(ws_connection=socket, set_nodelay=said.append)
    monkeypatch.setattr(PromptChannel, "websocket_handler", handler)
    return said, channel.connect()


def test_small_messages_leave_at_once(monkeypatch):
    assert connected(monkeypatch, object()) == ([True], "connected")


def test_a_page_that_has_gone_already_is_left_alone(monkeypatch):
    assert connected(monkeypatch, None) == ([], "connected")


def test_jupyterlab_is_told_to_use_it():
    named = f"{PromptChannel.__module__}.{PromptChannel.__name__}"
    assert f"kernel_websocket_connection_class={named}" in (PROJECT / "Makefile").read_text()
