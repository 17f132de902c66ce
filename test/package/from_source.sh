#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs in a clean system, as root, beside the source package: builds the others with nothing but
# what it depends on, and installs that build by meson, as other distributions do; prints TAP.
#
# Usage: from_source.sh VERSION

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit
# shellcheck source-path=SCRIPTDIR source=common.sh
. ./common.sh

build_packages()
{
	apt-get update && apt-get build-dep -y "./sluice_$VERSION.dsc" &&
		dpkg-source --extract "sluice_$VERSION.dsc" &&
		(cd "sluice-$VERSION" && dpkg-buildpackage --build=binary --no-sign)
}

# The packages' own build, in place.
meson_installs()
{
	apt-get install -y dpdk-dev && meson install -C "sluice-$VERSION"/obj-* --no-rebuild
}

main()
{
	test_that "the source package is built with what it depends on" build_packages
	test_that "meson installs the build" meson_installs
	test_that "dpdk-testpmd finds the drivers without -d" driver_is_found
	test_that "an application is built by pkg-config" application_is_built \
		"sluice-$VERSION/examples/hybrid-l2fwd/main.c"
	test_that "it runs with the drivers" application_runs
	printf '1..%d\n' "$number"
}

main
