"""A user's file with our cells and sheets in it, and every other byte as it was."""
