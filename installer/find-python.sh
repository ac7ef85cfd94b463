# Sourced by the scripts beside it: sets $python to a Python that can run the set-up.
# CLINIC_PYTHON names one to use instead. The distribution's own comes first: it is kept up to date
# with the system, every account can run it, and it is built to be fast (one compiled without
# profiles takes half as long again and more). A minimal one, without SQLite, is passed over.
python=
for candidate in ${CLINIC_PYTHON:-/usr/bin/python3 python3 python3.13 python3.12 python3.11 python3.10}; do
    if "$candidate" -c 'import sqlite3, sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "诊所系统：没有找到 Python 3.10 至 3.13；请安装 python3 软件包后重新运行。" >&2
    echo "clinic: No Python 3.10 to 3.13 was found; install the package python3 and run this again." >&2
    exit 1
fi
