# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# To be sourced by tests of an upgrade.

# make_later DIR DEB...: in DIR, the same packages with a later version
make_later()
{
	local dir=$1 deb
	shift

	for deb; do
		dpkg-deb -R "$deb" "$dir/later" || return
		sed -i -E "s/^Version: .*/&+later/; s/(librte-net-sluice \(= [^)]+)\)/\1+later)/" \
			"$dir/later/DEBIAN/control"
		dpkg-deb -Znone -b "$dir/later" "$dir/${deb##*/}" || return
		rm -r "$dir/later"
	done
}
