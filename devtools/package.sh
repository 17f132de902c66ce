#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Builds Debian's packages into build/package, lets lintian look at them, and tests them: in a clean
# system of the machine's release (test/package), and in a guest, where what they lay out owns an
# 82576 under systemd. The last line is "N passed, N failed".
#
# Usage: devtools/package.sh [build|lintian|chroot|guest]...     (all, when none is named)

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source-path=SCRIPTDIR source=apt.sh
. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"
# shellcheck source-path=SCRIPTDIR source=chroot.sh
. "$(dirname "${BASH_SOURCE[0]}")/chroot.sh"

readonly OUT=$BUILD/package
readonly STEPS=(build lintian chroot guest)
readonly PACKAGES=(sluice librte-net-sluice libsluice-dev)
VERSION=$(sed -nE "s/^ +version: '(.*)',$/\1/p" "$ROOT/meson.build")
SOURCE=$OUT/sluice-$VERSION
passed=0
failed=0

# result ok|"not ok" NAME
result()
{
	printf '%s - %s\n' "$1" "$2"
	if [[ $1 == ok ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
}

# The tree as it is, whether it came from git or not, and DPDK's driver headers.
copy_source()
{
	local revision

	rm -rf "$OUT"/*.deb "$OUT"/*.changes "$OUT"/*.buildinfo "$SOURCE"
	mkdir -p "$SOURCE/build/dpdk-sdk"
	tar -C "$ROOT" --exclude-vcs --exclude=./build --exclude=__pycache__ -c . |
		tar -C "$SOURCE" -x
	cp -r "$BUILD/dpdk-sdk/include" "$SOURCE/build/dpdk-sdk/"
	if revision=$("$ROOT/lib/version/revision.sh" "$ROOT"); then
		printf '%s\n' "${revision#git }" >"$SOURCE/REVISION"
	fi
}

dpkg_build()
{
	(cd "$SOURCE" && dpkg-buildpackage --build=binary --unsigned-changes --unsigned-buildinfo)
}

step_build()
{
	local verdict=ok package

	logged package "building Debian's packages of $VERSION" dpkg_build || verdict="not ok"
	for package in "${PACKAGES[@]}"; do
		compgen -G "$OUT/${package}_${VERSION}_*.deb" >/dev/null || verdict="not ok"
	done
	result "$verdict" "dpkg-buildpackage makes ${PACKAGES[*]}"
}

step_lintian()
{
	local told

	told=$(lintian --allow-root --fail-on none "$OUT"/*.changes)
	if [[ -z $told ]] && compgen -G "$OUT/*.changes" >/dev/null; then
		result ok "lintian has nothing to say above info"
	else
		result "not ok" "lintian has nothing to say above info"
		printf '%s\n' "$told" | sed 's/^/# /'
	fi
}

# count_tap NAME FILE STATUS: a program's verdicts, added to ours
count_tap()
{
	local good bad

	good=$(grep -cE '^ok ' "$2" || true)
	bad=$(grep -cE '^not ok ' "$2" || true)
	passed=$((passed + good))
	failed=$((failed + bad))
	if (($3 != 0 && bad == 0)); then
		result "not ok" "$1 ended with status $3"
	elif ((good + bad == 0)); then
		result "not ok" "$1 tested nothing"
	fi
}

# What the test needs in the chroot: the packages, the test, and a port on the device model.
carry()
{
	as_root mkdir -p "$1/opt/sluice"
	as_root cp "$OUT"/*.deb "$ROOT"/test/package/*.sh "$ROOT"/test/package/*.c \
		"$BUILD/gcc/test/model/attach/librte_bus_sluicemodel.so" "$1/opt/sluice/"
}

step_chroot()
{
	local dir rc=0

	dir=$(mktemp -d "${TMPDIR:-/var/tmp}/sluice-chroot.XXXXXX")
	# shellcheck disable=SC2064  # the directory of now is meant
	trap "as_root rm -rf --one-file-system '$dir'" EXIT
	chmod 755 "$dir"
	if ! logged package "making a clean $(os_release VERSION_CODENAME)" chroot_make "$dir"; then
		result "not ok" "debootstrap makes a clean system"
		return
	fi
	carry "$dir"
	progress package "installing, using, upgrading and removing the packages in it ..."
	chroot_run "$dir" /opt/sluice/installed.sh "$VERSION" </dev/null |
		tee "$LOG_DIR/package-chroot.log" || rc=$?
	count_tap installed.sh "$LOG_DIR/package-chroot.log" "$rc"
	as_root rm -rf --one-file-system "$dir"
	trap - EXIT
}

step_guest()
{
	local root=$OUT/root package rc=0

	rm -rf "$root"
	for package in sluice librte-net-sluice; do
		dpkg-deb -x "$OUT/${package}_${VERSION}"_*.deb "$root" || {
			result "not ok" "there is no package $package to boot a guest with"
			return
		}
	done
	"$ROOT/test/guest/boot.py" "--systemd=$root" \
		"$ROOT/test/guest/tests/systemd.sh" </dev/null |
		tee "$LOG_DIR/package-guest.log" || rc=$?
	count_tap systemd.sh "$LOG_DIR/package-guest.log" "$rc"
}

main()
{
	local step

	(($#)) || set -- "${STEPS[@]}"
	for step; do
		[[ " ${STEPS[*]} " == *" $step "* ]] ||
			die "$EX_USAGE" "no such step: $step (${STEPS[*]})"
	done
	mkdir -p "$OUT" "$LOG_DIR"
	for step; do
		[[ $step != build ]] || copy_source
		"step_$step"
	done
	printf '%d passed, %d failed\n' "$passed" "$failed"
	((failed == 0))
}

main "$@"
