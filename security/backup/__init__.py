"""Backups: one sealed file holds database, stored files, certificates and harmless settings.

`make` writes and keeps them, `check` restores one into a scratch database, `restore` brings one
back, `schedule` says when. The keys are never inside: a backup without the key ring opens nothing.
"""
