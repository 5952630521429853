"""Load: many clients at once, with pauses as people make them, while an administrator filters and exports the log."""
