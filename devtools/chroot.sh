# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Throw-away systems of the machine's own release of Debian, or of another, from the mirror and with
# the keys of its own apt. To be sourced after apt.sh; who is not root needs sudo.

readonly CHROOT_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

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

# write_file PATH: what comes on stdin
write_file()
{
	as_root tee "$1" >/dev/null
}

# The machine's sources without backports and source packages.
chroot_own_sources()
{
	local file

	for file in "$APT_DIR"/sources.list.d/*.sources; do
		[[ -f $file ]] || continue
		awk 'BEGIN { RS = ""; ORS = "\n\n" }
			!/-backports/ { sub(/Types: deb deb-src/, "Types: deb"); print }' "$file" |
			write_file "$1/etc/apt/sources.list.d/${file##*/}"
	done
	for file in "$APT_DIR"/sources.list.d/*.list; do
		[[ -f $file ]] || continue
		sed '/^deb-src/d; /-backports/d' "$file" |
			write_file "$1/etc/apt/sources.list.d/${file##*/}"
	done
}

# chroot_sources DIR SUITE MIRROR: binary and source packages of this suite alone
chroot_sources()
{
	printf '%s\n' "Types: deb deb-src" "URIs: $3" "Suites: $2" "Components: main" \
		"Signed-By: $CHROOT_KEYRING" | write_file "$1/etc/apt/sources.list.d/debian.sources"
}

# Keys that the sources name by their file, and what the machine tells apt of proxies and the like.
chroot_settings()
{
	local key

	while read -r key; do
		[[ -f $key ]] && as_root install -D -m 644 "$key" "$1$key"
	done < <(sed -nE 's/^Signed-By: *//p; s/.*signed-by=([^] ]+).*/\1/p' \
		"$1"/etc/apt/sources.list.d/*)
	apt-config dump Acquire | write_file "$1/etc/apt/apt.conf.d/90machine"
	# A mirror may lag behind: only its dates do not count then.
	printf '%s\n' 'APT::Install-Recommends "false";' 'APT::Sandbox::User "root";' \
		'Acquire::Languages "none";' 'Acquire::Check-Valid-Until "false";' |
		write_file "$1/etc/apt/apt.conf.d/91lean"
	printf 'force-unsafe-io\n' | write_file "$1/etc/dpkg/dpkg.cfg.d/throw-away"
	# Nothing is to be started there by its installation.
	printf '#!/bin/sh\nexit 101\n' | write_file "$1/usr/sbin/policy-rc.d"
	as_root chmod 755 "$1/usr/sbin/policy-rc.d"
	as_root cp -L /etc/resolv.conf "$1/etc/resolv.conf"
}

# chroot_make DIR [SUITE]: the least of a suite of Debian; without one, that of the machine's own
# release with its updates and its security fixes
chroot_make()
{
	local codename mirror proxy

	codename=$(os_release VERSION_CODENAME)
	apt_refresh
	# shellcheck disable=SC2016  # the parentheses are apt's
	mirror=$(apt_private apt-get indextargets --format '$(CODENAME) $(REPO_URI)' \
		'Created-By: Packages' | sed -n "s/^$codename //p" | head -n 1)
	[[ -n $mirror ]] || die "$EX_UNAVAILABLE" "apt knows no mirror of $codename"
	eval "$(apt-config shell proxy Acquire::http::Proxy)"
	as_root env ${proxy:+http_proxy="$proxy"} debootstrap --variant=minbase \
		--include=ca-certificates --keyring="$CHROOT_KEYRING" \
		"${2:-$codename}" "$1" "$mirror" || return
	as_root rm -f "$1/etc/apt/sources.list"
	if [[ -n ${2-} ]]; then
		chroot_sources "$1" "$2" "$mirror"
	else
		chroot_own_sources "$1"
	fi
	chroot_settings "$1"
}

# chroot_run DIR COMMAND...: in name spaces of its own, so that mounts and processes end with it
chroot_run()
{
	# shellcheck disable=SC2016  # that shell's words
	as_root unshare --mount --propagation private --pid --fork --kill-child bash -euc '
		dir=$1; shift
		mount -t proc proc "$dir/proc"
		mount --bind -o ro /sys "$dir/sys"
		mount -t devpts -o newinstance,ptmxmode=0666 devpts "$dir/dev/pts"
		mount --bind "$dir/dev/pts/ptmx" "$dir/dev/ptmx"
		mount -t tmpfs -o mode=1777 tmpfs "$dir/dev/shm"
		mount -t tmpfs tmpfs "$dir/run"
		exec chroot "$dir" /usr/bin/env -i HOME=/root LANG=C.UTF-8 \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			DEBIAN_FRONTEND=noninteractive "$@"
	' bash "$@"
}
