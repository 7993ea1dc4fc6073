"""The server of the reading room: one process for all readers, a page of fixed texts and one websocket per reader."""
