"""Renderers: a Page becomes bytes (PDF, PNG, HTML, text). Nothing is computed here."""
