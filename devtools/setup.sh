#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Makes a bare Debian ready: installs the packages of devtools/packages-debian.txt, unpacks
# DPDK's driver headers into build/dpdk-sdk, the guest's kernel into build/guest/kernel and
# Prometheus into build/monitoring.
# What is there already is left alone, without asking apt.
#
# Usage: devtools/setup.sh [build|guest|docs|monitoring|compat|package]...  (none: the first two)

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source-path=SCRIPTDIR source=apt.sh
. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

readonly PACKAGE_LIST=$ROOT/devtools/packages-debian.txt
readonly KERNEL_DIR=$BUILD/guest/kernel
readonly PROMETHEUS_DIR=$BUILD/monitoring
readonly KERNEL_AT_LEAST=6.12

# packages_of SECTION: lines "NAME" or "NAME >= VERSION"
packages_of()
{
	sed -E 's/[ \t]*#.*//; /^$/d' "$PACKAGE_LIST" |
		awk -v section="[$1]" '/^\[/ { wanted = $1 == section; next } wanted'
}

# Lines "NAME VERSION"
installed_packages()
{
	# shellcheck disable=SC2016  # the braces are dpkg-query's
	dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' |
		sed -n 's/^installed //p'
}

# Prints those of the lines on stdin whose package is not installed, or too old.
missing_packages()
{
	local name op least have
	local -A version=()

	while read -r name have; do
		version[$name]=$have
	done < <(installed_packages)
	while read -r name op least; do
		have=${version[$name]-}
		if [[ -z $have ]] ||
		   { [[ -n $op ]] && ! dpkg --compare-versions "$have" ge "$least"; }; then
			printf '%s\n' "$name${op:+ $op $least}"
		fi
	done
}

# candidate_of PACKAGE: the version that a plain install would take
candidate_of()
{
	apt_private apt-cache policy "$1" | sed -n 's/^ *Candidate: *//p'
}

# from_backports PACKAGE LEAST: whether only backports have it new enough
from_backports()
{
	[[ -n $2 && -n $(apt_backports_suite) ]] &&
		! dpkg --compare-versions "$(candidate_of "$1")" ge "$2"
}

apt_install()
{
	apt_private_as_root apt-get install -y --no-install-recommends "$@"
}

# Installs the packages whose lines are given.
install_packages()
{
	local line name least plain=() newer=()

	for line in "$@"; do
		read -r name _ least <<<"$line"
		if from_backports "$name" "$least"; then
			newer+=("$name")
		else
			plain+=("$name")
		fi
	done
	if ((${#plain[@]})); then
		apt_install "${plain[@]}" || return
	fi
	if ((${#newer[@]})); then
		apt_install -t "$(apt_backports_suite)" "${newer[@]}"
	fi
}

# A list may name a package that the mirror has replaced since: read it anew, once.
ensure_packages()
{
	local lines=()

	mapfile -t lines < <(packages_of "$1" | missing_packages)
	((${#lines[@]})) || return 0
	apt_refresh
	progress setup "missing for $1: ${lines[*]}"
	logged setup "installing what is missing (${#lines[@]})" \
		install_packages "${lines[@]}" && return
	rm -f "$APT_DIR/updated"
	apt_refresh
	logged setup "installing it once more, from new lists" install_packages "${lines[@]}"
}

# The name of the package with the newest kernel: that of the release, or of its backports.
kernel_package()
{
	local suite=()

	if from_backports linux-image-amd64 "$KERNEL_AT_LEAST"; then
		suite=(-t "$(apt_backports_suite)")
	fi
	apt_private apt-cache "${suite[@]}" depends --important linux-image-amd64 |
		sed -n 's/^ *Depends: *//p' | head -n 1
}

# number_at FILE OFFSET BYTES: an unsigned number of the image's header
number_at()
{
	od -An "-tu$3" -j $(($2)) -N "$3" "$1" | tr -d ' '
}

# unpack_image FILE TO: the kernel proper out of a compressed image, which the guest's
# processor would take seconds to unpack; without zstd in it, the image as it is.
unpack_image()
{
	local offset length

	offset=$((($(number_at "$1" 0x1f1 1) + 1) * 512 + $(number_at "$1" 0x248 4)))
	length=$(($(number_at "$1" 0x24c 4) - 4))	# the size of the result is at its end
	dd if="$1" iflag=skip_bytes,count_bytes skip="$offset" count="$length" bs=1M |
		zstd -dqc >"$2" || cp "$1" "$2"
}

unpack_kernel()
{
	local package=$1 work=$2

	(
		cd "$work"
		apt_private apt-get download "$package"
		dpkg -x "$package"_*.deb tree
	)
	unpack_image "$work"/tree/boot/vmlinuz-* "$work/tree/image"
	printf '%s\n' "$package" >"$work/tree/VERSION"
	rm -rf "$KERNEL_DIR"
	mv "$work/tree" "$KERNEL_DIR"
}

ensure_kernel()
{
	local package work

	if [[ -r $KERNEL_DIR/VERSION ]]; then
		return
	fi
	apt_refresh
	package=$(kernel_package)
	[[ -n $package ]] || die "$EX_UNAVAILABLE" "no kernel package in this machine's sources"
	mkdir -p "$BUILD/guest"
	work=$(mktemp -d "$BUILD/guest/kernel.XXXXXX")
	# shellcheck disable=SC2064  # the directory of now is meant
	trap "rm -rf '$work'" EXIT
	logged setup "fetching the guest's kernel, $package" unpack_kernel "$package" "$work"
}

unpack_prometheus()
{
	(
		cd "$1"
		apt_private apt-get download prometheus
		dpkg -x prometheus_*.deb tree
	)
	rm -rf "$PROMETHEUS_DIR"
	mv "$1/tree" "$PROMETHEUS_DIR"
}

# Unpacked and not installed, as the package would start a server on this machine.
ensure_prometheus()
{
	local work

	if [[ -x $PROMETHEUS_DIR/usr/bin/prometheus ]]; then
		return
	fi
	apt_refresh
	work=$(mktemp -d "$BUILD/monitoring.XXXXXX")
	# shellcheck disable=SC2064  # the directory of now is meant
	trap "rm -rf '$work'" EXIT
	logged setup "fetching Prometheus" unpack_prometheus "$work"
}

# What QEMU is started with under TCG; it says itself why.
ensure_late_free()
{
	local from=$ROOT/test/guest/late_free.c to=$BUILD/guest/late_free.so

	if [[ $to -nt $from ]]; then
		return
	fi
	logged setup "building late_free.so" \
		gcc -O2 -Wall -Wextra -Werror -shared -fPIC -o "$to.new" "$from"
	mv "$to.new" "$to"
}

set_up()
{
	case $1 in
	build)
		ensure_packages build
		"$ROOT/devtools/fetch-dpdk-sdk.sh"
		;;
	guest)
		ensure_packages build
		ensure_packages guest
		ensure_kernel
		ensure_late_free
		;;
	monitoring)
		ensure_prometheus
		;;
	docs | compat | package)
		ensure_packages "$1"
		;;
	*)
		die "$EX_USAGE" "unknown section: $1 (build, guest, docs,\
 monitoring, compat, package)"
		;;
	esac
}

main()
{
	local section

	(($#)) || set -- build guest
	mkdir -p "$BUILD"
	exec 9>"$BUILD/.setup.lock"
	flock 9		# two starts at once must not both install
	for section in "$@"; do
		set_up "$section"
	done
}

main "$@"
