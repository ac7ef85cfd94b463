"""What build.sh does: packages that install without network, compiler or pip.

Standard library only, like the set-up: a build machine needs Python, git and the package index.
"""
