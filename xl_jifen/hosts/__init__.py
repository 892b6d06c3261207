"""The doors: arguments, messages, exit codes. Nothing is computed here."""
