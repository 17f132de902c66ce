#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The guest's init (process 1): mounts, modules, names of the wire's ends; runs the
# script, and tells the host how it went. With --systemd it becomes systemd, and a child of
# it does the rest. Three ports lead to boot.py on the host:
#   script   the script's output
#   control  lines: booted, beat, started, overtime, link PORT up|down, trace EVENT on|off,
#            status N, end
#   out      what the script left in /out, as a tar archive
# The kernel's messages, and init's own, go to the serial console.

export PATH=/host:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin
export HOME=/root LANG=C.UTF-8 TERM=linux
export LD_LIBRARY_PATH=/host

mount_all()
{
	chmod 755 /	# DPDK loads no driver from below a directory that all may write
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t devtmpfs devtmpfs /dev
	mkdir -p /dev/shm /dev/pts /dev/hugepages
	mount -t tmpfs tmpfs /dev/shm
	mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
	mount -t hugetlbfs hugetlbfs /dev/hugepages
	mount -t tmpfs -o mode=755 tmpfs /run
	mkdir /run/lock /run/netns
	ln -sf /proc/self/fd /dev/fd
	ln -sf fd/0 /dev/stdin
	ln -sf fd/1 /dev/stdout
	ln -sf fd/2 /dev/stderr
}

# There is no udev: the ports of virtio-serial get their names here. They appear a moment
# after the device.
name_virtio_ports()
{
	local port

	mkdir -p /dev/virtio-ports
	until grep -qsx out /sys/class/virtio-ports/vport*/name; do
		sleep 0.1
	done
	for port in /sys/class/virtio-ports/vport*; do
		ln -sf "../${port##*/}" "/dev/virtio-ports/$(<"$port/name")"
	done
}

# The kernel has started one processor only.
start_processors()
{
	local cpu

	for cpu in /sys/devices/system/cpu/cpu[1-9]*/online; do
		printf 1 >"$cpu"
	done
}

control()
{
	printf '%s\n' "$*" >&3
}

# Passes on what a script wants of the host: the port can be opened only once.
relay_wishes()
{
	local word line

	mkfifo /run/host
	while read -r word line <&5; do
		[[ $word != link && $word != trace ]] || control "$word $line"
	done 5<>/run/host &
}

# Tells the host, and the watchdog device, that the guest is alive; when this ends, so
# does the guest.
heartbeat()
{
	while :; do
		control beat
		printf . >&4
		sleep 2
	done
}

start_watchdog()
{
	modprobe i6300esb heartbeat="$WATCHDOG_S"
	exec 4>/dev/watchdog
	heartbeat &
	exec 4>&-
}

# PF0, PF1 ...: the addresses of the PFs, each behind the root port in its own slot
export_pfs()
{
	local i bdf

	for ((i = 0; i < GUEST_PORTS; i++)); do
		for bdf in "$(slot_dir $((FIRST_ROOT_PORT_SLOT + i)))"/0*.0; do
			declare -gx "PF$i=${bdf##*/}"
		done
	done
}

slot_dir()
{
	printf '/sys/bus/pci/devices/0000:00:%02x.0' "$1"
}

# WIRE0, WIRE1 ...: the netdevs at the other ends of the ports' wires. They are up and
# without IPv6, so that nothing is on a wire but what a script sends.
set_up_wires()
{
	local i netdev

	[[ $GUEST_WIRE == tap ]] || return 0
	for ((i = 0; i < GUEST_PORTS; i++)); do
		for netdev in "$(slot_dir $((FIRST_WIRE_SLOT + i)))"/virtio*/net/*; do
			ip link set "${netdev##*/}" name "wire$i" up
			declare -gx "WIRE$i=wire$i"
		done
	done
}

run_shell()
{
	printf 'The guest is up. PF0=%s; /guest/lib.sh has the functions that tests use.\n' \
		"${PF0-}" >/dev/hvc0
	stty -F /dev/hvc0 sane rows "${ROWS:-24}" cols "${COLS:-80}"
	TERM=$SHELL_TERM PS1='guest:\w\$ ' setsid -c bash --rcfile /guest/lib.sh -i \
		</dev/hvc0 >/dev/hvc0 2>&1
}

# Kills the script's process group when its time is over, and says on the console what
# was running: where the kernel holds the blocked tasks, what each processor does, and the
# processes. The list comes last, because ps itself blocks on a task that the kernel holds.
enforce_limit()
{
	sleep "$TIME_LIMIT"
	control overtime
	dmesg -n 8
	printf w >/proc/sysrq-trigger
	printf l >/proc/sysrq-trigger
	timeout -s KILL 5 ps -o pid,ppid,stat,time,args &
	kill -KILL -- "-$1"
}

# The output goes through a pipe, because a port can be opened only once and a script
# may well want to open /dev/stderr.
run_script()
{
	local args script rc=0 sink limit

	mapfile -d '' args </guest/args
	if [[ $GUEST_SHELL == 1 && -z $GUEST_SCRIPT ]]; then
		run_shell
		return
	fi
	mkfifo /run/script-output
	cat /run/script-output >/dev/virtio-ports/script &
	sink=$!
	set -m
	if [[ $GUEST_SCRIPT == *.sh ]]; then
		bash "$GUEST_SCRIPT" "${args[@]}" &
	else
		"$GUEST_SCRIPT" "${args[@]}" &
	fi </dev/null >/run/script-output 2>&1 3>&-
	script=$!
	enforce_limit "$script" 2>&1 &
	limit=$!
	wait "$script" || rc=$?
	kill -KILL -- -"$limit" -"$script" 2>/dev/null
	wait "$limit" 2>/dev/null
	set +m
	drain "$sink"
	return "$rc"
}

# Waits until all output has gone, but not for a process that the script left behind.
drain()
{
	local i

	for ((i = 0; i < 20; i++)); do
		kill -0 "$1" 2>/dev/null || return 0
		sleep 0.1
	done
}

send_out()
{
	if [[ -n $(ls -A /out) ]]; then
		tar -c -C /out . >/dev/virtio-ports/out
	fi
}

# Until it has started all that it is to start, or has found that it cannot.
wait_for_systemd()
{
	until [[ $(systemctl is-system-running 2>/dev/null) =~ ^(running|degraded)$ ]]; do
		sleep 0.2
	done
}

run_and_tell()
{
	control started
	run_script
	control status $?
	send_out
	control end
	sleep 10	# the host ends the guest; this is for when it does not
	poweroff -f
}

main()
{
	mount_all
	name_virtio_ports
	exec 3>/dev/virtio-ports/control
	control booted
	set -a
	# shellcheck disable=SC1091
	. /guest/settings
	set +a
	printf 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
	modprobe virtio_net
	if [[ $GUEST_SYSTEMD == 1 ]]; then
		rm /etc/modprobe.d/guest.conf	# what is installed is to do
	else
		modprobe -a vfio-pci vfio_iommu_type1
	fi
	start_watchdog
	ip link set lo up
	set_up_wires
	export_pfs
	start_processors
	relay_wishes
	hostname guest
	cd /root || exit 1
	if [[ $GUEST_SYSTEMD == 1 ]]; then
		{
			wait_for_systemd
			run_and_tell
		} &
		exec env -i /lib/systemd/systemd 3>&-
	fi
	run_and_tell
}

main
