"""What may pass between a reader's browser and the kernel behind it: messages of widgets, and nothing else.

Voila names this class in ``voila.json``. Without it a page may be told what the kernel prints, warnings and errors
with the names of files among it, and may open comms of any kind.
"""

import asyncio
import json

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

PROTOCOL = "v1.kernel.websocket.jupyter.org"
OF_WIDGETS = "jupyter.widget.control"  # a page asks by it for the widgets that are there
FROM_BROWSER = {"comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request"}
TO_BROWSER = {"comm_open", "comm_msg", "comm_close", "comm_info_reply", "kernel_info_reply", "status"}


class PromptChannel(ZMQChannelsWebsocketConnection):
    """A kernel's connection to one page without a wait for company: a small message would otherwise be held back, up to
    40 ms, until the one before it has been received."""

    def connect(self) -> asyncio.Future | None:
        """Begin to carry messages."""
        if self.websocket_handler.ws_connection is not None:  # the page may have gone already
            self.websocket_handler.set_nodelay(True)
        return super().connect()


class WidgetChannel(PromptChannel):
    """A kernel's connection to one page; what does not belong to widgets is dropped in both directions, and logged."""

    def handle_incoming_message(self, incoming_msg: bytes | str) -> None:
        """Hand a message of the browser on to the kernel if it is one of widgets, in the binary protocol."""
        if self.subprotocol == PROTOCOL and isinstance(incoming_msg, bytes) and may_come(incoming_msg):
            super().handle_incoming_message(incoming_msg)
        else:
            self.log.warning("reading room: a message of the browser is none of a widget's and is dropped")

    def handle_outgoing_message(self, stream, outgoing_msg: list) -> None:
        """Hand a message of the kernel on to the browser if it is one of widgets."""
        _, parts = self.session.feed_identities(outgoing_msg)  # signature, header, parent, metadata, content, buffers
        kind = self.session.unpack(parts[1])["msg_type"]
        if kind in TO_BROWSER:
            super().handle_outgoing_message(stream, outgoing_msg)
        else:
            self.log.debug("reading room: %r stays in the kernel", kind)


def may_come(message: bytes) -> bool:
    """Whether a message of the browser, as the binary protocol has it, is one that widgets send."""
    if 8 * int.from_bytes(message[:8], "little") > len(
        message
    ):  # more parts than fit: to count them would take forever
        return False
    try:
        channel, (header, _, _, content, *_) = deserialize_msg_from_ws_v1(message)
        kind = json.loads(header)["msg_type"]
        opened = json.loads(content)["target_name"] if kind == "comm_open" else OF_WIDGETS
    except (ValueError, LookupError, TypeError):
        return False
    return channel == "shell" and kind in FROM_BROWSER and opened == OF_WIDGETS
