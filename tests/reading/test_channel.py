"""Between a reader's page and the kernel pass the messages of widgets only."""

import json

import pytest
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

from helpers.reading.channel import PROTOCOL, WidgetChannel, may_come
from helpers.runs import PROJECT


def message(kind: str, content: dict, channel: str = "shell") -> bytes:
    """As a page sends it."""
    header = json.dumps({"msg_type": kind, "msg_id": "1", "session": "s", "username": "", "version": "5.4"})
    parts = [part.encode() for part in (header, "{}", "{}", json.dumps(content))]
    return serialize_msg_to_ws_v1(parts, channel)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("comm_msg", {"comm_id": "c", "data": {}}),
        ("comm_open", {"comm_id": "c", "target_name": "jupyter.widget.control", "data": {}}),
        ("comm_info_request", {}),
        ("kernel_info_request", {}),
    ],
)
def test_messages_of_widgets_come_in(kind, content):
    assert may_come(message(kind, content))
    assert not any(may_come(message(kind, content, channel)) for channel in ("control", "stdin", "iopub"))


@pytest.mark.parametrize(
    ("kind", "content", "channel"),
    [
        ("execute_request", {"code": "1"}, "shell"),
        ("execute_request", {"code": "1"}, "control"),
        ("complete_request", {"code": "op", "cursor_pos": 2}, "shell"),
        ("inspect_request", {"code": "open", "cursor_pos": 2}, "shell"),
        ("history_request", {}, "shell"),
        ("debug_request", {}, "control"),
        ("shutdown_request", {}, "control"),
        ("input_reply", {"value": "x"}, "stdin"),
        ("comm_open", {"comm_id": "c", "target_name": "jupyter.widget", "data": {}}, "shell"),
        ("comm_open", {"comm_id": "c"}, "shell"),
    ],
)
def test_nothing_else_comes_in(kind, content, channel):
    assert not may_come(message(kind, content, channel))


@pytest.mark.parametrize("noise", [b"", b"\x05" * 40, b"\xff" * 9, b"\x02" + bytes(200)])
def test_noise_is_no_message(noise):
    assert not may_come(noise)


@pytest.fixture
def channel(monkeypatch):
    """A channel whose two ends are lists: what the kernel got, and what the browser got."""
    channel, kernel, browser = WidgetChannel.__new__(WidgetChannel), [], []
    parent = ZMQChannelsWebsocketConnection
    monkeypatch.setattr(parent, "handle_incoming_message", lambda _, message: kernel.append(message))
    monkeypatch.setattr(parent, "handle_outgoing_message", lambda _, stream, parts: browser.append(parts))
    channel.session = Session(key=b"k")
    monkeypatch.setattr(parent, "subprotocol", PROTOCOL)
    return channel, kernel, browser


def test_the_kernel_gets_what_may_come_in_the_binary_protocol(channel, monkeypatch):
    channel, kernel, _ = channel
    good = message("comm_msg", {})
    channel.handle_incoming_message(good)
    channel.handle_incoming_message(message("execute_request", {}))
    channel.handle_incoming_message("text")
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "subprotocol", None)
    channel.handle_incoming_message(good)
    channel.handle_incoming_message(json.dumps({"channel": "shell", "header": {"msg_type": "execute_request"}}))
    assert kernel == [good]


def test_the_browser_gets_no_output_and_no_error(channel):
    channel, _, browser = channel
    for kind in ("comm_msg", "stream", "error", "execute_result", "display_data", "execute_input", "status"):
        channel.handle_outgoing_message("iopub", channel.session.serialize(channel.session.msg(kind)))
    assert [json.loads(parts[2])["msg_type"] for parts in browser] == ["comm_msg", "status"]


def test_voila_is_told_to_use_it():
    configured = json.loads((PROJECT / "src" / "helpers" / "reading" / "voila.json").read_text())
    named = configured["Voila"]["kernel_websocket_connection_class"]
    assert named == f"{WidgetChannel.__module__}.{WidgetChannel.__name__}"
