/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Who serves the VFs of a PF's port here: as the daemon would, VF 0 trusted, with switches for what
 * a PF may do to VF 0 that it should not.
 */
#ifndef SLUICE_TEST_RECOVERY_SERVICE_H
#define SLUICE_TEST_RECOVERY_SERVICE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct service_switches {
	atomic_bool refuse_mac;		/**< no address is good enough */
	atomic_uint queues;		/**< so many are there; 0: what the pool has */
	/**
	 * Answer the next request of that opcode as one that does not know the VF: as a PF does
	 * that was reset since the VF's last request. Then 0.
	 */
	atomic_uint forget_at;
	atomic_uint nb_resets;		/**< requests of VF 0 for a reset */
};

extern struct service_switches service_switches;

/** Take over the VFs of a port that is not started. @return 0 or -errno */
int service_attach(uint16_t pf_port);

#endif /* SLUICE_TEST_RECOVERY_SERVICE_H */
