"""A connection between a JupyterLab page and its kernel that does not delay small messages."""

import asyncio

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptChannel(ZMQChannelsWebsocketConnection):
    """A kernel's connection to one page with TCP_NODELAY: otherwise a small message would wait, for up to 40 ms, until
    the one before it has been received."""

    def connect(self) -> asyncio.Future | None:
        """Start to carry messages."""
        if self.websocket_handler.ws_connection is not None:  # the page may be closed already
            self.websocket_handler.set_nodelay(True)
        return super().connect()
