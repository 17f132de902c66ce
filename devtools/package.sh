#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Builds Debian's packages, source and binary, into build/package, lets lintian look at them, and
# tests them: in clean systems of the machine's release, one that builds the source package and one
# that installs the others (test/package), and in guests, where the daemon owns an 82576 under
# systemd. The last line is "N passed, N failed".
#
# Usage: devtools/package.sh [build|lintian|rebuild|chroot|guest]...   (all, when none is named)

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source-path=SCRIPTDIR source=apt.sh
. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"
# shellcheck source-path=SCRIPTDIR source=chroot.sh
. "$(dirname "${BASH_SOURCE[0]}")/chroot.sh"

readonly OUT=$BUILD/package
readonly STEPS=(build lintian rebuild chroot guest)
readonly PACKAGES=(sluice librte-net-sluice libsluice-dev)
VERSION=$(sed -nE "s/^ +version: '(.*)',$/\1/p" "$ROOT/meson.build")
SOURCE=$OUT/sluice-$VERSION
CHROOTS=	# where they are, once there is one
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

# What becomes the source package: the tree as it is, whether it came from git or not, and DPDK's
# driver headers.
copy_source()
{
	local revision

	rm -rf "$OUT"/*.{deb,dsc,tar.xz,changes,buildinfo} "$SOURCE"
	mkdir -p "$SOURCE/build/dpdk-sdk"
	tar -C "$ROOT" --exclude-vcs --exclude=./build --exclude=__pycache__ -c . |
		tar -C "$SOURCE" -x
	cp -r "$BUILD"/dpdk-sdk/{VERSION,include} "$SOURCE/build/dpdk-sdk/"
	if revision=$("$ROOT/lib/version/revision.sh" "$ROOT"); then
		printf '%s\n' "${revision#git }" >"$SOURCE/REVISION"
	fi
}

dpkg_build()
{
	(cd "$SOURCE" && dpkg-buildpackage --build=full --no-sign)
}

step_build()
{
	local verdict=ok package

	logged package "building Debian's packages of $VERSION" dpkg_build || verdict="not ok"
	for package in "${PACKAGES[@]}"; do
		compgen -G "$OUT/${package}_${VERSION}_*.deb" >/dev/null || verdict="not ok"
	done
	[[ -e $OUT/sluice_$VERSION.dsc ]] || verdict="not ok"
	result "$verdict" "dpkg-buildpackage makes a source package, and ${PACKAGES[*]}"
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

# new_system NAME: a clean one, in $CHROOTS/NAME
new_system()
{
	if [[ -z $CHROOTS ]]; then
		CHROOTS=$(mktemp -d "${TMPDIR:-/var/tmp}/sluice-chroot.XXXXXX")
		trap 'as_root rm -rf --one-file-system "$CHROOTS"' EXIT
		chmod 755 "$CHROOTS"
		logged package "making a clean $(os_release VERSION_CODENAME)" \
			chroot_make "$CHROOTS/clean" || as_root rm -rf "$CHROOTS/clean"
	fi
	as_root cp -a "$CHROOTS/clean" "$CHROOTS/$1" && return
	result "not ok" "debootstrap makes a clean system"
	return 1
}

# What is in the packages of a folder.
list_files()
{
	local package

	for package in "${PACKAGES[@]}"; do
		dpkg-deb -c "$1/${package}_${VERSION}"_*.deb |
			awk -v of="$package" '{ print of, $1, $6 }'
	done
}

# test_in NAME SCRIPT FILE...: has a new system run SCRIPT of test/package, beside the files, what
# SCRIPT shares with others, and a port on the device model
test_in()
{
	local name=$1 script=$2 rc=0
	shift 2

	new_system "$name" || return 0
	as_root install -D -t "$CHROOTS/$name/opt/sluice" "$@" "$ROOT"/test/package/*.{sh,c} \
		"$BUILD/gcc/test/model/attach/librte_bus_sluicemodel.so"
	chroot_run "$CHROOTS/$name" "/opt/sluice/$script" "$VERSION" </dev/null |
		tee "$LOG_DIR/package-$name.log" || rc=$?
	count_tap "$script" "$LOG_DIR/package-$name.log" "$rc"
}

step_rebuild()
{
	local same="both builds have the same files"

	progress package "building the source package in a clean system, and installing that ..."
	test_in rebuild from_source.sh "$OUT"/*.dsc "$OUT"/*.tar.xz
	if diff <(list_files "$OUT") <(list_files "$CHROOTS/rebuild/opt/sluice") >&2; then
		result ok "$same"
	else
		result "not ok" "$same"
	fi
	as_root rm -rf --one-file-system "$CHROOTS/rebuild"
}

step_chroot()
{
	progress package "installing, using, upgrading and removing the packages in one ..."
	test_in chroot installed.sh "$OUT"/*.deb
	as_root rm -rf --one-file-system "$CHROOTS/chroot"
}

# dpkg_kit TO: what dpkg, the packages' scripts and debhelper's parts of them call, of this machine
dpkg_kit()
{
	local file

	{
		dpkg -L dpkg init-system-helpers perl-base | grep -v /usr/share/
		printf '%s\n' /sbin/ldconfig /usr/bin/getent /bin/tar /usr/sbin/groupdel
	} | while read -r file; do
		[[ ! -f $file ]] || cp --parents "$(realpath "$file")" "$1"
	done
}

# in_guest SCRIPT ROOT: with what is below ROOT in place
in_guest()
{
	local name rc=0

	name=$(basename "$1" .sh)
	"$ROOT/test/guest/boot.py" "--systemd=$2" "$1" </dev/null |
		tee "$LOG_DIR/package-$name.log" || rc=$?
	count_tap "$name.sh" "$LOG_DIR/package-$name.log" "$rc"
}

# Once as they are laid out, and once by dpkg's own hands.
step_guest()
{
	local root=$OUT/root package

	rm -rf "$root"
	for package in sluice librte-net-sluice; do
		dpkg-deb -x "$OUT/${package}_${VERSION}"_*.deb "$root" || {
			result "not ok" "there is no package $package to boot a guest with"
			return
		}
	done
	in_guest "$ROOT/test/guest/tests/systemd.sh" "$root"
	mkdir "$root/debs"
	cp "$OUT"/{sluice,librte-net-sluice}_"$VERSION"_*.deb "$root/debs"
	dpkg_kit "$root"
	in_guest "$ROOT/test/package/under_systemd.sh" "$root"
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
