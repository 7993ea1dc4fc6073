"""The reader study: the plan, the display pipeline, sessions, their store, simulated readers, the export."""
