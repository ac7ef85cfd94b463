"""Watching the shelf: what is wrong now, the warnings kept of it, what people did about them."""
