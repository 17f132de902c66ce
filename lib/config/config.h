/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The daemon's configuration: JSON, strict, all or nothing; a file, or a directory of them.
 */
#ifndef SLUICE_CONFIG_H
#define SLUICE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "policy.h"
#include "value.h"
#include "watch.h"

#define CONFIG_PORTS_MAX 8
#define CONFIG_MTU_MIN 68
#define CONFIG_MTU_MAX 9710 /**< a frame of 9728 bytes with header and CRC */
#define CONFIG_MTU_DEFAULT 1500
#define CONFIG_STORM_KBPS_MAX 1000000
#define CONFIG_VFS_MAX   63 /**< 64 pools of the 82599, one the PF's; an 82576 has fewer */

#define CONFIG_PATH_BYTES     108 /**< what the address of a Unix socket holds */
#define CONFIG_NAME_BYTES     32
#define CONFIG_EAL_MAX        16
#define CONFIG_EAL_BYTES      256
#define CONFIG_ERROR_BYTES    1024
#define CONFIG_FILE_BYTES_MAX (1 << 20)

#define CONFIG_LCORE_ANY (-1)

#define CONFIG_DEFAULT_FILE   "/etc/sluice/sluiced.json"
#define CONFIG_GLOBAL_FILE    "sluiced.json" /**< of a directory: what is not a port's */
#define CONFIG_DEFAULT_SOCKET "/run/sluiced/control.sock"

/** What is logged, least first. */
enum config_log_level {
	CONFIG_LOG_ERROR,
	CONFIG_LOG_WARNING,
	CONFIG_LOG_INFO,
	CONFIG_LOG_DEBUG,
};

struct config_vf {
	struct vf_policy policy;
	char driver[CONFIG_NAME_BYTES]; /**< "vfio-pci", or the kernel driver that gets it */
};

struct config_port {
	char pci[PCI_BYTES];
	uint16_t num_vfs; /**< 0..CONFIG_VFS_MAX */
	uint16_t mtu;     /**< of the PF, CONFIG_MTU_MIN..CONFIG_MTU_MAX; of all on an 82599 */
	bool restore;     /**< put the PF back as it was found when the daemon stops */
	bool loopback;    /**< frames between its pools stay inside the NIC */
	uint32_t storm_broadcast, storm_multicast; /**< kbit/s, to CONFIG_STORM_KBPS_MAX; 0: any */
	bool external;    /**< somebody else made and bound PF and VFs: only open the PF */
	struct watch_rules watch; /**< what its VFs may not do too much of */
	struct config_vf vf[CONFIG_VFS_MAX]; /**< those not listed have the defaults */
};

struct config {
	char control_socket[CONFIG_PATH_BYTES];
	char control_group[CONFIG_NAME_BYTES]; /**< empty: the socket is root's */
	char state_dir[CONFIG_PATH_BYTES];
	char audit_log[CONFIG_PATH_BYTES]; /**< each verdict as JSON; empty: none */
	unsigned int hugepages_mb;
	int lcore; /**< CPU of the daemon, or CONFIG_LCORE_ANY */
	enum config_log_level log_level;
	bool sandbox;   /**< give up privileges and system calls once the ports are open */
	bool telemetry; /**< serve DPDK's telemetry socket */
	uint16_t nb_eal; /**< arguments to DPDK, behind the daemon's own */
	char eal[CONFIG_EAL_MAX][CONFIG_EAL_BYTES];
	uint16_t nb_ports;
	struct config_port port[CONFIG_PORTS_MAX];
};

/**
 * Read a configuration: a file, or a directory, whose files NAME.json are read by name as one. Each
 * has ports, and CONFIG_GLOBAL_FILE alone may have all else.
 *
 * @param error  on failure one line, without a newline: file, key, value, and what is allowed;
 *               for bad JSON the line and column
 * @return 0; or -errno, -EINVAL for bad content, with @p config untouched
 */
int config_load(const char *file, struct config *config, char error[CONFIG_ERROR_BYTES]);

/**
 * May a running daemon go over from one configuration to another? Only the number of VFs, their
 * policies, the ports' switches, what is watched, audit_log and log_level may differ.
 *
 * @return 0; or -EINVAL and one line naming the first key that needs a restart
 */
int config_check_change(const char *file, const struct config *running, const struct config *wanted,
			char error[CONFIG_ERROR_BYTES]);

/**
 * The JSON Schema of a configuration file, made of the tables that read it; NULL: out of memory.
 * What it refuses is refused by config_load(); that refuses more, such as a MAC that two VFs have.
 */
json_t *config_schema(void);

#endif /* SLUICE_CONFIG_H */
