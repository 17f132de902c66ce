/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* For tests of the daemon whose ports keep their number of VFs; vfs_test.c is about others. */

#include <errno.h>
#include <stdio.h>

#include "daemon.h"

int
vfs_change(struct port *port, const struct config_port *config, const struct config_port *old,
	   uint16_t num_vfs, const struct vf_policy *policies, char why[CONTROL_ERROR_BYTES])
{
	(void)config;
	(void)old;
	(void)policies;
	snprintf(why, CONTROL_ERROR_BYTES, "it stays");
	return num_vfs == port->service->nb_vfs ? 0 : -EBUSY;
}
