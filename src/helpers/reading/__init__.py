"""The reading room: shows cases to a reader in a notebook or on a separate page, and stores every answer."""
