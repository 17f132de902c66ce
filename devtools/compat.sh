#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Builds this tree against the DPDK of three Debian releases, each in a chroot of its own that is
# made for it and thrown away, and runs the unit and the model tests there; and crosses to arm64.
# The packages come from the mirror that this machine's apt uses; the chroots with all packages are
# kept as archives below build/compat, and the logs below build/log. `./run compat` is this program.
#
# Usage: devtools/compat.sh [--dpdk DIR] [22.11|24.11|25.11|arm64]...

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source-path=SCRIPTDIR source=apt.sh
. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"
# shellcheck source-path=SCRIPTDIR source=chroot.sh
. "$(dirname "${BASH_SOURCE[0]}")/chroot.sh"

readonly CACHE=$BUILD/compat
# Chroots are large, and /tmp may be memory.
readonly WORK_DIR=/var/tmp
# name, suite of Debian, section of packages-debian.txt, foreign architecture, compilers
readonly TARGETS=(
	"22.11|bookworm|build||gcc clang"
	"24.11|trixie|build||gcc clang"
	"25.11|sid|build||gcc clang"
	"arm64|bookworm|compat-arm64|arm64|arm64"
)

dpdk_dir=""
chroot_dir=""
rows=()
passed=0
failed=0

usage()
{
	cat <<-END
		usage: ./run compat [--dpdk DIR] [22.11|24.11|25.11|arm64]...

		Builds and tests against the DPDK of Debian 12, 13 and unstable, and
		crosses to arm64; all of them, unless some are named.

		  --dpdk DIR  a git repository of DPDK: driver headers come from its tags
		              where the mirror has no source package of a release's DPDK
	END
}

# packages_for SECTION: names only, of this list and no other
packages_for()
{
	sed -E 's/[ \t]*#.*//; /^$/d' "$ROOT/devtools/packages-debian.txt" |
		awk -v section="[$1]" '/^\[/ { wanted = $1 == section; next } wanted { print $1 }'
}

remove_chroot()
{
	if [[ -n $chroot_dir ]]; then
		rm -rf --one-file-system "$chroot_dir"
	fi
	chroot_dir=""
}

in_chroot()
{
	chroot_run "$chroot_dir" "$@"
}

install_in_chroot()
{
	[[ -z $2 ]] || in_chroot dpkg --add-architecture "$2" || return
	# shellcheck disable=SC2046  # one word a package
	in_chroot apt-get update && in_chroot apt-get install -y $(packages_for "$1") &&
		in_chroot apt-get clean
}

# make_chroot NAME SUITE SECTION ARCHITECTURE: unpacked from its archive, or made and packed
make_chroot()
{
	local name=$1 suite=$2 section=$3 arch=$4 archive

	archive=$CACHE/$name-$(packages_for "$section" | cksum | cut -d' ' -f1).tar.zst
	chroot_dir=$(mktemp -d "$WORK_DIR/sluice-compat.XXXXXX")
	chmod 755 "$chroot_dir"
	if [[ -r $archive ]]; then
		logged compat "$name: unpacking the chroot of $suite" \
			tar --zstd -xpf "$archive" --numeric-owner -C "$chroot_dir"
		return
	fi
	logged compat "$name: making a chroot of $suite" chroot_make "$chroot_dir" "$suite" ||
		return
	logged compat "$name: installing packages in it" \
		install_in_chroot "$section" "$arch" || return
	rm -f "$CACHE/$name"-*.tar.zst
	mkdir -p "$CACHE"
	logged compat "$name: keeping it in build/compat" \
		tar --zstd -cpf "$archive.new" --numeric-owner --one-file-system -C "$chroot_dir" .
	mv "$archive.new" "$archive"
}

copy_tree()
{
	mkdir -p "$chroot_dir/src"
	(
		cd "$ROOT"
		git -c safe.directory="$ROOT" ls-files -z --cached --others --exclude-standard |
			while IFS= read -r -d '' file; do
				if [[ -e $file ]]; then printf '%s\0' "$file"; fi
			done | tar --null -T - -cf -
	) | tar --no-same-owner -xf - -C "$chroot_dir/src"
}

# dpdk_version: of the chroot's, such as 24.11.4
dpdk_version()
{
	# shellcheck disable=SC2016  # the braces are dpkg-query's
	in_chroot dpkg-query -W -f '${source:Upstream-Version}\n' libdpdk-dev | head -n 1
}

# Whoever owns the repository: root uses it here.
dpdk_git()
{
	git -c safe.directory='*' -C "$dpdk_dir" "$@"
}

# headers_from VERSION: unpacks the repository's tag of it, or the newest of that series
headers_from()
{
	local tag

	tag=$(dpdk_git tag -l "v$1")
	[[ -n $tag ]] || tag=$(dpdk_git tag -l "v${1%.*}*" --sort=-v:refname |
		grep -v -- -rc | head -n 1)
	[[ -n $tag ]] || return
	mkdir -p "$chroot_dir/src/build/dpdk-source"
	dpdk_git archive "$tag" lib drivers/bus examples |
		tar -xf - -C "$chroot_dir/src/build/dpdk-source"
	printf '%s' "${tag#v}"
}

# fetch_headers ARCHITECTURE [TREE]
fetch_headers()
{
	local cross=()

	if [[ -n $1 ]]; then
		cross=(CC=aarch64-linux-gnu-gcc PKG_CONFIG=aarch64-linux-gnu-pkg-config)
	fi
	in_chroot env "${cross[@]}" ${2:+DPDK_SOURCE="$2"} /src/devtools/fetch-dpdk-sdk.sh
}

# add_row NAME DPDK COMPILER UNIT MODEL
add_row()
{
	rows+=("$(printf '%-7s %-25s %-8s %-21s %s' "$@")")
}

# give_up NAME DPDK WHY: counts as a failure, as nothing was tested
give_up()
{
	progress compat "FAILED $1: $3"
	add_row "$1" "$2" "" "not run: $3" ""
	failed=$((failed + 1))
}

# run_suites NAME DPDK COMPILER
run_suites()
{
	local log=$LOG_DIR/compat-$1-$3.log suite ok bad unit="not run" model="not run"

	progress compat "$1: building and testing with $3 ..."
	in_chroot /src/devtools/compat_suites.py "$3" >"$log" 2>&1 </dev/null || true
	while read -r _ suite ok bad; do
		passed=$((passed + ok))
		failed=$((failed + bad))
		printf -v "$suite" '%d passed, %d failed' "$ok" "$bad"
	done < <(grep '^RESULT ' "$log")
	if [[ $3 == arm64 ]]; then
		model="(of x86-64 only)"
	fi
	if [[ $unit == "not run" || $model == "not run" ]]; then
		failed=$((failed + 1))
	fi
	add_row "$1" "$2" "$3" "$unit" "$model"
	progress compat "$1, $3: unit: $unit; model: $model; see ${log#"$ROOT"/}"
	grep -E '^\[test\] FAILED' "$log" >&2 || true
}

# test_target NAME SUITE SECTION ARCHITECTURE COMPILERS
test_target()
{
	local version headers="" compiler

	if ! make_chroot "$1" "$2" "$3" "$4"; then
		give_up "$1" "$2" "$2 cannot be had from the mirror"
		return
	fi
	copy_tree
	version=$(dpdk_version)
	if [[ $1 != arm64 && $version != "$1"* ]]; then
		progress compat "$1: $2 has DPDK $version"
	fi
	if ! logged compat "$1: driver headers of DPDK $version" fetch_headers "$4"; then
		[[ -z $dpdk_dir ]] || headers=$(headers_from "$version")
		if [[ -z $headers ]]; then
			give_up "$1" "$version" "the mirror has no source of it (see --dpdk)"
			return
		fi
		logged compat "$1: driver headers of DPDK $headers, of the repository" \
			fetch_headers "$4" /src/build/dpdk-source ||
			{ give_up "$1" "$version" "the headers of $headers do not fit"; return; }
		[[ $headers == "$version" ]] || version="$version (headers $headers)"
	fi
	for compiler in $5; do
		run_suites "$1" "$version" "$compiler"
	done
}

print_table()
{
	printf '\n'
	printf '%-7s %-25s %-8s %-21s %s\n' target DPDK compiler unit model
	printf '%s\n' "${rows[@]}"
	printf '%d passed, %d failed\n' "$passed" "$failed"
}

check_names()
{
	local name

	for name; do
		if ! printf '%s\n' "${TARGETS[@]}" | grep -q "^$name|"; then
			usage >&2
			die "$EX_USAGE" "no such target: $name"
		fi
	done
}

main()
{
	local target name suite section arch compilers

	if [[ ${1-} == -h || ${1-} == --help ]]; then
		usage
		return
	fi
	if [[ ${1-} == --dpdk ]]; then
		dpdk_dir=$(cd "${2:?--dpdk: which folder?}" && pwd)
		shift 2
	fi
	check_names "$@"
	((EUID == 0)) || die "$EX_UNAVAILABLE" "chroots need root; run: sudo ./run compat"
	"$ROOT/devtools/setup.sh" compat
	apt_refresh
	mkdir -p "$LOG_DIR"
	trap remove_chroot EXIT
	trap 'exit 130' INT TERM
	for target in "${TARGETS[@]}"; do
		IFS='|' read -r name suite section arch compilers <<<"$target"
		if (($#)) && [[ " $* " != *" $name "* ]]; then
			continue
		fi
		test_target "$name" "$suite" "$section" "$arch" "$compilers"
		remove_chroot
	done
	print_table
	((failed == 0 && passed > 0))
}

main "$@"
