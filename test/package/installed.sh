#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs in a clean system, as root, beside the packages: installs, uses, upgrades, removes and
# purges them; prints TAP. Of the tree that they were made of there is the model port only.
#
# Usage: installed.sh VERSION

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit
# shellcheck source-path=SCRIPTDIR source=common.sh
. ./common.sh
# shellcheck source-path=SCRIPTDIR source=later.sh
. ./later.sh
CONFIG=/etc/sluice/sluiced.json
CALLS=/run/calls
EX_UNAVAILABLE=69

debs()
{
	printf '%s\n' ./{sluice,librte-net-sluice,libsluice-dev}_"$VERSION"_*.deb
}

# All that our packages and these tests need, and nothing of ours.
install_needs()
{
	local deb needs=()

	for deb in $(debs); do
		needs+=("$(dpkg-deb -f "$deb" Depends | sed -E 's/librte-net-sluice[^,]*,?//')")
	done
	{ apt-get update && apt-get satisfy -y "${needs[@]}" &&
		apt-get install -y dpdk-dev dpkg-dev gcc groff-base libc6-dev man-db pkg-config \
			systemd
	} >"$WORK/out" 2>&1 && return
	tail -n 40 "$WORK/out"
	echo "Bail out! what the packages depend on cannot be installed"
	exit 1
}

# Each file of the system, but what the package manager itself and running programs keep.
system_files()
{
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /run -o \
		-path /opt/sluice -o -path /var/lib/dpkg -o -path /var/lib/apt -o \
		-path /var/cache -o -path /var/log/apt -o -path /var/backups \) -prune -o \
		-printf '%p %y %m %U %G\n' |
		grep -vE '^/(var/log/(dpkg|alternatives)\.log|etc/[a-z]+-) ' | sort
	cat /etc/group /etc/passwd
}

install_packages()
{
	# shellcheck disable=SC2046  # a word for each
	dpkg --install $(debs)
}

unit_is_valid()
{
	local said rc=0

	said=$(systemd-analyze verify --man=yes sluiced.service 2>&1) || rc=$?
	echo "$said"
	((rc == 0)) && [[ -z $said ]] &&
		grep -q "^ExecStart=/usr/sbin/sluiced " \
			"$(dpkg -L sluice | grep '/system/sluiced.service$')"
}

# It would take NICs from the kernel: that is the operator's to say.
nothing_is_started()
{
	! compgen -G '/etc/systemd/system/*.wants/sluiced.service' && [[ ! -e /run/sluiced ]]
}

programs_say_version()
{
	local said

	for said in "$(sluiced --version)" "$(sluicectl version)" "$(sluice-fwd -- --version)" \
		"$(sluice-keeper --version)"; do
		echo "$said"
		[[ $said =~ ^sluice.*\ "$VERSION"\ \(.*git.*,\ DPDK\ [0-9.]+\) ]] || return
	done
}

manuals_are_read()
{
	local page

	for page in 1:sluicectl 1:sluice-fwd 8:sluiced 8:sluice-keeper; do
		man -w "${page%:*}" "${page#*:}" || return
		man "${page%:*}" "${page#*:}" | grep -E "^ *${page#*:} +- " || return
	done
}

# As bash does when tab is pressed.
subcommands_are_completed()
{
	# shellcheck disable=SC1091  # the package's
	. /usr/share/bash-completion/completions/sluicectl
	# shellcheck disable=SC2034  # what its function reads
	COMP_WORDS=(sluicectl "") COMP_CWORD=1
	"$(complete -p sluicectl | sed -nE 's/.* -F ([^ ]+) .*/\1/p')"
	[[ " ${COMPREPLY[*]} " == *" doctor "* && " ${COMPREPLY[*]} " == *" stop "* ]]
}

cni_plugin_answers()
{
	CNI_COMMAND=VERSION /usr/libexec/cni/sluice-cni <<<'{"cniVersion": "1.0.0"}' |
		grep '"supportedVersions"'
}

schema_is_the_programs()
{
	sluiced --schema | cmp - /usr/share/sluice/sluiced.schema.json
}

examples_are_valid()
{
	local file

	for file in /usr/share/doc/sluice/examples/config/*.json; do
		sluicectl validate "$file" || return
	done
	cp /usr/share/doc/sluice/examples/config/minimal.json "$CONFIG"
}

# No such NIC here: the daemon starts, reads the file, looks for it, and says which it is.
daemon_looks_for_its_port()
{
	local rc=0

	sluiced -c "$CONFIG" || rc=$?
	((rc == EX_UNAVAILABLE)) && [[ ! -e /run/sluiced/control.sock ]]
}

# What the packages' scripts would tell a systemd and a daemon that run is kept instead.
record_calls()
{
	local name

	mkdir -p /run/systemd/system /run/sluiced
	for name in deb-systemd-invoke sluicectl systemctl; do
		printf '#!/bin/sh\necho "%s $*" >>%s\n' $name $CALLS >"/usr/local/sbin/$name"
		chmod 755 "/usr/local/sbin/$name"
	done
	: >$CALLS
	perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) && bind(S, sockaddr_un($ARGV[0]))
		or die "no socket: $!"' /run/sluiced/control.sock
}

record_no_more()
{
	rm -rf /run/systemd/system /usr/local/sbin/{deb-systemd-invoke,sluicectl,systemctl}
}

upgrade_goes_on_with_the_vfs()
{
	echo '{ "ports": [] }' >"$CONFIG"
	# shellcheck disable=SC2046  # a word for each
	make_later "$WORK" $(debs) && record_calls && dpkg --install "$WORK"/*.deb
	cat $CALLS
	grep -qx 'sluicectl upgrade' $CALLS && grep -q 'daemon-reload$' $CALLS &&
		! grep -qE '(stop|restart|start) ' $CALLS
}

upgrade_keeps_the_configuration()
{
	[[ $(dpkg-query -W -f '${Version}' sluice) == "$VERSION+later" &&
		$(<"$CONFIG") == '{ "ports": [] }' ]]
}

removal_stops_the_daemon()
{
	: >$CALLS
	dpkg --remove libsluice-dev librte-net-sluice sluice
	cat $CALLS
	grep -qx 'deb-systemd-invoke stop sluiced.service' $CALLS && [[ -e $CONFIG ]] &&
		[[ ! -e /usr/sbin/sluiced ]]
}

purge_leaves_nothing()
{
	mkdir -p /var/lib/sluiced /var/log/sluiced
	echo token >/var/lib/sluiced/vf-token
	dpkg --purge libsluice-dev librte-net-sluice sluice
	[[ ! -e /run/sluiced ]] && system_files | diff "$WORK/before" -
}

main()
{
	install_needs
	system_files >"$WORK/before"
	test_that "dpkg installs the packages" install_packages
	test_that "group sluice is there" getent group sluice
	test_that "nothing is started or enabled" nothing_is_started
	test_that "the unit is valid, its programs and man pages are there" unit_is_valid
	test_that "programs say version, commit and DPDK" programs_say_version
	test_that "man shows the pages" manuals_are_read
	test_that "bash completes sluicectl" subcommands_are_completed
	test_that "the CNI plugin tells its versions" cni_plugin_answers
	test_that "the schema is what sluiced says" schema_is_the_programs
	test_that "examples are valid" examples_are_valid
	test_that "sluiced says which port is missing" daemon_looks_for_its_port
	test_that "dpdk-testpmd finds the drivers without -d" driver_is_found
	test_that "an application is built by pkg-config" application_is_built \
		/usr/share/doc/libsluice-dev/examples/main.c
	test_that "it runs with the drivers" application_runs
	test_that "an upgrade hands the PFs over" upgrade_goes_on_with_the_vfs
	test_that "and keeps the configuration" upgrade_keeps_the_configuration
	test_that "removal stops the daemon and keeps the configuration" removal_stops_the_daemon
	record_no_more
	test_that "purge leaves nothing" purge_leaves_nothing
	printf '1..%d\n' "$number"
}

main
