"""The reading room: shows cases to a reader in a notebook or a page of its own, and keeps every answer."""
