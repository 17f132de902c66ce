#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Puts DPDK's driver headers, which Debian does not ship, in build/dpdk-sdk/include, and those
# of its examples that the conformance cases run in build/dpdk-sdk/examples.
# They are taken from the source package of exactly the installed DPDK, so that they
# match its libraries; build/dpdk-sdk/VERSION names it. Does nothing when that is done.
#
# DPDK_SOURCE, if set, is a folder with that source instead; CC and PKG_CONFIG are those of a
# cross compiler.
#
# Usage: devtools/fetch-dpdk-sdk.sh

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source-path=SCRIPTDIR source=apt.sh
. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

readonly SDK=$BUILD/dpdk-sdk
# What a PCI or vdev Ethernet driver includes; headers that these include follow.
readonly WANTED=(
	bus_driver.h
	bus_pci_driver.h
	bus_vdev_driver.h
	dev_driver.h
	ethdev_driver.h
	ethdev_pci.h
	ethdev_vdev.h
	rte_flow_driver.h
)

readonly EXAMPLES=(common l2fwd l3fwd-power)

installed_version()
{
	# shellcheck disable=SC2016  # the braces are dpkg-query's
	dpkg-query -W -f '${source:Version}\n' libdpdk-dev 2>/dev/null | head -n 1
}

# fetch_source VERSION DIR: unpacks DPDK's source package, Debian's patches applied
fetch_source()
{
	(
		cd "$2"
		apt_private apt-get source --download-only "dpdk=$1"
		dpkg-source --no-check -x dpdk_*.dsc tree
	)
}

is_installed()
{
	printf '#if !__has_include(<%s>)\n#error none\n#endif\n' "$1" |
		"${CC:-cc}" -E "${DPDK_CFLAGS[@]}" -x c - >/dev/null 2>&1
}

# take_header NAME TREE OUT: copies NAME and what it includes, unless installed already
take_header()
{
	local name=$1 tree=$2 out=$3 found include

	if [[ -e $out/$name ]] || is_installed "$name"; then
		return
	fi
	found=$(find "$tree/lib" "$tree/drivers/bus" -name "$name" | sort | head -n 1)
	[[ -n $found ]] || return 0		# a header of another system, under #ifdef
	install -m 644 "$found" "$out/$name"
	while read -r include; do
		take_header "$include" "$tree" "$out"
	done < <(sed -nE 's/^[ \t]*#[ \t]*include[ \t]*[<"]([^">/]+)[>"].*/\1/p' "$found")
}

check_headers()
{
	local name

	for name in "${WANTED[@]}"; do
		printf '#include <%s>\n' "$name"
	done | "${CC:-cc}" -fsyntax-only -Wall -Wextra -Werror -DALLOW_INTERNAL_API \
		-I "$1" "${DPDK_CFLAGS[@]}" -x c -
}

main()
{
	local version work name

	version=$(installed_version)
	[[ -n $version ]] ||
		die "$EX_UNAVAILABLE" "libdpdk-dev is not installed; devtools/setup.sh installs it"
	if [[ -r $SDK/VERSION && $(<"$SDK/VERSION") == "$version" && -d $SDK/examples ]]; then
		return
	fi

	[[ -n ${DPDK_SOURCE-} ]] || apt_refresh
	work=$(mktemp -d "$BUILD/dpdk-sdk.XXXXXX")
	# shellcheck disable=SC2064  # the directory of now is meant
	trap "rm -rf '$work'" EXIT
	mkdir "$work/include" "$work/examples"
	if [[ -n ${DPDK_SOURCE-} ]]; then
		cp -r "$DPDK_SOURCE" "$work/tree"
	else
		logged setup "fetching the source of DPDK $version" \
			fetch_source "$version" "$work" ||
			die "$EX_UNAVAILABLE" \
				"no source of DPDK $version to be had; upgrade libdpdk-dev"
	fi
	read -ra DPDK_CFLAGS < <("${PKG_CONFIG:-pkg-config}" --cflags libdpdk)
	for name in "${WANTED[@]}"; do
		take_header "$name" "$work/tree" "$work/include"
	done
	logged setup "compiling DPDK's driver headers" check_headers "$work/include"

	cp -r "${EXAMPLES[@]/#/$work/tree/examples/}" "$work/examples"

	printf '%s\n' "$version" >"$work/VERSION"
	chmod 755 "$work"
	rm -rf "$work/tree" "$work"/dpdk_* "$SDK"
	mv "$work" "$SDK"
}

main "$@"
