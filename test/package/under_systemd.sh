#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# In a guest with systemd, dpkg and the packages in /debs: dpkg installs, upgrades, removes and
# purges them while sluiced owns an 82576 as the operator has told systemd.
#
# guest: --ports 1 --wire tap --timeout 280 --systemd --with test/guest/stack.sh
# guest: --with test/guest/kept.sh --with test/package/later.sh

. /guest/lib.sh
. /host/stack.sh
. /host/kept.sh
. /host/later.sh

CONFIG=/etc/sluice/sluiced.json
PAGES=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
WANTED=/etc/systemd/system/multi-user.target.wants/sluiced.service
VERSION=$(dpkg-deb -f /debs/sluice_*.deb Version)

# What they depend on is there, and dpkg does not know.
install_packages()
{
	dpkg --force-depends --install "$@"
}

# daemon_state: as systemd knows it
daemon_state()
{
	printf '%s %s' "$(systemctl is-active sluiced)" "$(systemctl is-enabled sluiced)"
}

main_pid()
{
	systemctl show -P MainPID sluiced
}

# nic_state: who has the PF, and how many VFs there are
nic_state()
{
	printf '%s %s' "$(driver_of "$PF0")" "$(<"$(pci_dir "$PF0")/sriov_numvfs")"
}

try_install()
{
	mkdir -p /var/lib/dpkg/{info,updates,triggers}
	touch /var/lib/dpkg/status
	bind igb "$PF0"
	check "dpkg installs the packages" install_packages /debs/*.deb
	check_equal "nothing is started or enabled" "inactive disabled" "$(daemon_state)"
	check_equal "the PF is untouched" "igb 0" "$(nic_state)"
	check "the group is there" grep '^sluice:' /etc/group
}

try_start()
{
	config_for "$PF0" '{"vf": 0}' '{"vf": 1}'
	modprobe vfio-pci
	printf 200 >$PAGES
	check "systemctl enable --now" systemctl enable --now sluiced
	check_equal "the daemon runs" "active enabled" "$(daemon_state)"
	check_equal "it has the PF, with VFs" "vfio-pci 2" "$(nic_state)"
}

try_upgrade()
{
	local pid

	pid=$(main_pid)
	check "sluicectl set" sluicectl set vf 0 trust on
	mkdir /run/later
	check "there is a later version" make_later /run/later /debs/*.deb
	check "dpkg installs it" install_packages /run/later/*.deb
	check_equal "which is what is installed" "$VERSION+later" \
		"$(dpkg-query -W -f '${Version}' sluice)"
	check_equal "the daemon runs" "active enabled" "$(daemon_state)"
	check "another one" test "$pid" != "$(main_pid)"
	check_equal "which is the installed program" /usr/sbin/sluiced \
		"$(readlink "/proc/$(main_pid)/exe")"
	check_equal "what was set live is still so" true "$(vf_shows 0 trust)"
	check_equal "the VFs are there" "vfio-pci 2" "$(nic_state)"
}

try_remove()
{
	local pid

	pid=$(main_pid)
	check "dpkg removes the packages" dpkg --remove sluice librte-net-sluice
	check "the daemon has ended" test ! -e "/proc/$pid"
	check_equal "PF and VFs are as they were found" "igb 0" "$(nic_state)"
	check "no program is left" test ! -e /usr/sbin/sluiced
	check "the configuration is" test -e $CONFIG
}

try_purge()
{
	check "dpkg purges them" dpkg --purge sluice librte-net-sluice
	check_equal "no configuration, state or log is left" "" \
		"$(find /etc /var /run -path '*sluice*' ! -path '/run/later/*')"
	check "nobody wants the unit at boot" test ! -L $WANTED
	check "the group is gone" eval "! grep '^sluice:' /etc/group"
	check_equal "systemd knows no sluiced" not-found "$(systemctl show -P LoadState sluiced)"
	check_equal "and nothing failed" running "$(systemctl is-system-running)"
}

try_install
try_start
try_upgrade
try_remove
try_purge
((failed == 0)) || journalctl --no-pager -q -u sluiced
finish
