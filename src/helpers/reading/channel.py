"""A connection between a page of JupyterLab and its kernel that holds no small message back."""

import asyncio

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptChannel(ZMQChannelsWebsocketConnection):
    """A kernel's connection to one page without a wait for company: a small message would otherwise be held back, up to
    40 ms, until the one before it has been received."""

    def connect(self) -> asyncio.Future | None:
        """Begin to carry messages."""
        if self.websocket_handler.ws_connection is not None:  # the page may have gone already
            self.websocket_handler.set_nodelay(True)
        return super().connect()
