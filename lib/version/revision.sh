#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Prints the commit that the source tree is: as git tells it, or as the file REVISION does, which
# has it in what `git archive` and `./run package` made. Fails where neither knows.
#
# Usage: revision.sh TREE

top=$(git -C "$1" rev-parse --show-toplevel 2>/dev/null)
if [[ -n $top && $top -ef $1 ]]; then
	commit=$(git -C "$1" describe --always --abbrev=12 --dirty=+ --exclude='*') || exit 1
else
	commit=$(cat "$1/REVISION") || exit 1
fi
case $commit in
*[!0-9a-f+]* | "") exit 1 ;;
esac
echo "git $commit"
