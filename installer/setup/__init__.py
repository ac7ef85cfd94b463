"""What install.sh, serve.sh and test.sh do.

Standard library only: it must run on a bare system Python that has neither pip nor venv's
ensurepip. The one exception is tls.py, which the virtual environment's Python runs.
"""
