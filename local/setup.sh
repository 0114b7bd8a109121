#!/bin/sh
# Finds a Python that fits and lets it make .venv (local/setup.py). Does nothing when .venv and the jars fit their locks.
cd "$(dirname "$0")/.." || exit 1
if cmp -s requirements.lock .venv/requirements.lock && cmp -s local/jars.lock .venv/jars-complete && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi
# A version manager's shim may exist and not run, so each candidate has to prove itself.
for candidate in python3.13 python3.12 python3.11 python3 python; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        exec "$candidate" -m local.setup
    fi
done
echo "No Python 3.11, 3.12 or 3.13 on the PATH: install one of them and try again." >&2
exit 1
