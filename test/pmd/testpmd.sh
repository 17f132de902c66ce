#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The distribution's testpmd with a model port, as anybody may start it: no root, no hugepages.
# usage: testpmd.sh PLUGIN FAMILY...; prints TAP

set -uo pipefail
plugin=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Who is root becomes nobody, who has to be able to read the plugin where it is: EAL takes none from
# a folder below one that anybody may write to.
as_user=()
mkdir "$work/run"
if ((EUID == 0)); then
	as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs)
	chown 65534:65534 "$work" "$work/run"
	if ! "${as_user[@]}" test -r "$plugin"; then
		echo "1..0 # SKIP nobody but root can read $plugin"
		exit 0
	fi
fi

# forward SPEC: frames go round through the wire, for a second
forward()
{
	{
		sleep 2
		echo "start tx_first"
		sleep 1
		echo "stop"
		echo "quit"
	} | timeout 60 "${as_user[@]}" env XDG_RUNTIME_DIR="$work/run" HOME="$work" \
		dpdk-testpmd --no-huge --no-pci --no-shconf --no-telemetry -m 256 -l 0,1 \
		-d "$plugin" --vdev "sluicemodel0,$1" -- -i --total-num-mbufs=4096 \
		>"$work/log" 2>&1
}

number=0
echo "1..$#"
for family; do
	number=$((number + 1))
	result="not ok"
	if forward "family=$family,vfs=1,wire=loop"; then
		# Of all ports: what the PF forwarded, more than one burst.
		packets=$(sed -n 's/.*RX-total: *//p' "$work/log" | tail -1)
		if ((${packets:-0} > 64)) && grep -q '^Bye' "$work/log"; then
			result=ok
		fi
	fi
	echo "$result $number - $family: testpmd without root forwards through the wire"
	if [[ $result != ok ]]; then
		sed 's/^/# /' "$work/log"
	fi
done
