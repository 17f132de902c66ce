/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* How the operator has the daemon end: now, when the VFs' owners are gone, or for a successor. */

#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon.h"
#include "rte_pmd_sluice.h"
#include "usage.h"

#define VFIO_DRIVER "vfio-pci"

/* The unit starts us again after this one, and none of sysexits.h: those are failures. */
#define EXIT_SUCCESSOR 79

/* A kernel driver leaves its VF as it is when its netdev goes down, and RESETs it when it goes. */
static bool
netdev_is_down(const struct port *port, const struct config_port *config, uint16_t vf)
{
	char name[CONFIG_NAME_BYTES];

	return !config->external && strcmp(config->vf[vf].driver, VFIO_DRIVER) != 0 &&
	       !iov_netdev_is_up(&iov_root_system, port->iov.vf_pci[vf], name, sizeof(name));
}

/* Has somebody brought it up, and not reset it since? vfio does that when its user goes. */
static bool
has_owner(const struct daemon *daemon, const struct port *port, uint16_t vf)
{
	const struct config_port *config = &daemon->config.port[port - daemon->port];

	return port->service->vf[vf].state == VF_READY && !netdev_is_down(port, config, vf);
}

static unsigned int
count_owners(struct daemon *daemon)
{
	unsigned int nb = 0;

	for (uint16_t i = 0; i < daemon->nb_open; i++) {
		struct port *port = &daemon->port[i];

		pthread_mutex_lock(&port->lock);
		for (uint16_t vf = 0; vf < port->service->nb_vfs; vf++)
			nb += has_owner(daemon, port, vf);
		pthread_mutex_unlock(&port->lock);
	}
	return nb;
}

/* What a PF says that is about to go: to DPDK's programs it is RTE_ETH_EVENT_INTR_RESET. */
static void
warn_owners(struct daemon *daemon)
{
	const struct mbx_msg farewell = { .word[0] = MBX_PF_CONTROL, .words = 1 };

	for (uint16_t i = 0; i < daemon->nb_open; i++) {
		struct port *port = &daemon->port[i];

		pthread_mutex_lock(&port->lock);
		for (uint16_t vf = 0; vf < port->service->nb_vfs; vf++)
			if (has_owner(daemon, port, vf) &&
			    rte_pmd_sluice_send(port->port_id, vf, &farewell) < 0)
				log_line(CONFIG_LOG_DEBUG, "%s vf %u: not warned", port->iov.pci,
					 vf);
		pthread_mutex_unlock(&port->lock);
	}
}

static char *
drain(struct daemon *daemon)
{
	unsigned int nb = count_owners(daemon);

	if (daemon->leave == LEAVE_NOT) {
		log_line(CONFIG_LOG_INFO, "draining: stops when the last of %u VFs in use is left",
			 nb);
		daemon->leave = LEAVE_WHEN_DRAINED;
		warn_owners(daemon);
	}
	return control_reply_ok();
}

static char *
hand_on(struct daemon *daemon)
{
	if (!hold_everything(daemon))
		return control_reply_error(EX_UNAVAILABLE,
					   "nobody would hold the PFs meanwhile, and their VFs "
					   "would be reset: start the daemon under systemd or "
					   "sluice-keeper");
	daemon->leave = LEAVE_TO_SUCCESSOR;
	return control_reply_ok();
}

char *
leave_answer(struct daemon *daemon, enum control_cmd cmd)
{
	switch (cmd) {
	case CONTROL_STOP:
		daemon->leave = LEAVE_NOW;
		return control_reply_ok();
	case CONTROL_DRAIN:
		return drain(daemon);
	case CONTROL_UPGRADE:
		return hand_on(daemon);
	default:
		return NULL;
	}
}

/* Not in the answer itself, which is to reach who asked. */
void
leave_tick(struct daemon *daemon)
{
	static const char *const why[] = {
		[LEAVE_WHEN_DRAINED] = "no VF is in use",
		[LEAVE_NOW] = "asked to",
		[LEAVE_TO_SUCCESSOR] = "for a successor to go on",
	};

	if (daemon->leave == LEAVE_NOT || daemon->stopping ||
	    (daemon->leave == LEAVE_WHEN_DRAINED && count_owners(daemon) > 0))
		return;
	log_line(CONFIG_LOG_INFO, "stopping: %s", why[daemon->leave]);
	daemon->stopping = true;
}

void
leave_to_successor(struct daemon *daemon)
{
	hold_see(daemon);
	/* As if it were killed: nothing is closed, nobody is told. */
	_exit(EXIT_SUCCESSOR);
}
