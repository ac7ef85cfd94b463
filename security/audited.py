"""What this app has tracked; values shown are named, all others are masked."""

from security.audit import track

track("security.User", plain=["username", "is_active", "is_staff", "must_change_password"])
track("security.BreakGlass", plain=["reason", "until"])
track("core.Institution", plain=["name", "short_name", "kind", "code", "address", "phone"])
track("core.Setting", plain=["key", "value"])
track("core.TableImport", plain=["state", "created", "changed", "unchanged", "refused"])
