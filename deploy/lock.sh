#!/bin/sh
# Print the installed versions as plain pins (no hosts), for constraints.txt.
set -eu
echo "# Every version that the tests passed with; plain pins, no hosts. Renew with: make lock"
"$1/python" -m pip list --format=freeze --exclude-editable | grep -viE '^(pip|setuptools|wheel|audioop-lts)=='
echo "audioop-lts==0.2.2; python_version >= '3.13'"
