# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Throw-away systems of the machine's own release, from the mirrors and with the keys of its own
# apt. To be sourced after apt.sh; who is not root needs sudo.

as_root()
{
	if ((EUID == 0)); then
		"$@"
	elif sudo -n true 2>/dev/null; then
		sudo -n -- "$@"
	else
		die "$EX_UNAVAILABLE" "a chroot needs root: run this as root, or with sudo"
	fi
}

# The machine's sources without backports and source packages.
chroot_sources()
{
	local file

	for file in "$APT_DIR"/sources.list.d/*.sources; do
		[[ -f $file ]] || continue
		awk 'BEGIN { RS = ""; ORS = "\n\n" }
			!/-backports/ { sub(/Types: deb deb-src/, "Types: deb"); print }' "$file" |
			as_root tee "$1/etc/apt/sources.list.d/${file##*/}" >/dev/null
	done
	for file in "$APT_DIR"/sources.list.d/*.list; do
		[[ -f $file ]] || continue
		sed '/^deb-src/d; /-backports/d' "$file" |
			as_root tee "$1/etc/apt/sources.list.d/${file##*/}" >/dev/null
	done
}

# Keys that the sources name by their file, and what the machine tells apt of proxies and the like.
chroot_apt_settings()
{
	local key

	while read -r key; do
		[[ -f $key ]] && as_root install -D -m 644 "$key" "$1$key"
	done < <(sed -nE 's/^Signed-By: *//p; s/.*signed-by=([^] ]+).*/\1/p' \
		"$APT_DIR"/sources.list.d/*)
	apt-config dump Acquire | as_root tee "$1/etc/apt/apt.conf.d/90machine" >/dev/null
	printf '%s\n' 'APT::Install-Recommends "false";' 'Acquire::Languages "none";' |
		as_root tee "$1/etc/apt/apt.conf.d/91lean" >/dev/null
}

# chroot_make DIR: the least of the release, with its updates and its security fixes
chroot_make()
{
	local codename mirror

	codename=$(os_release VERSION_CODENAME)
	apt_refresh
	# shellcheck disable=SC2016  # the parentheses are apt's
	mirror=$(apt_private apt-get indextargets --format '$(CODENAME) $(REPO_URI)' \
		'Created-By: Packages' | sed -n "s/^$codename //p" | head -n 1)
	[[ -n $mirror ]] || die "$EX_UNAVAILABLE" "apt knows no mirror of $codename"
	mkdir -p "$BUILD/package/archives"
	as_root debootstrap --variant=minbase --cache-dir="$BUILD/package/archives" \
		"$codename" "$1" "$mirror"
	as_root rm -f "$1/etc/apt/sources.list"
	chroot_sources "$1"
	chroot_apt_settings "$1"
	# Nothing is to be started there by its installation.
	printf '#!/bin/sh\nexit 101\n' | as_root tee "$1/usr/sbin/policy-rc.d" >/dev/null
	as_root chmod 755 "$1/usr/sbin/policy-rc.d"
	as_root cp /etc/resolv.conf "$1/etc/resolv.conf"
}

# chroot_run DIR COMMAND...: with mounts of its own, which go with it
chroot_run()
{
	local dir=$1
	shift

	# shellcheck disable=SC2016  # that shell's words
	as_root unshare --mount --propagation private bash -euc '
		dir=$1; shift
		mount -t proc proc "$dir/proc"
		mount -t sysfs -o ro sysfs "$dir/sys"
		mount --rbind /dev "$dir/dev"
		exec env -i HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			chroot "$dir" "$@"
	' bash "$dir" "$@"
}
