"""Sheets of ours: what stands where, and how it looks."""
