/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Between the PF driver and lib/service: requests, resets and events of VFs go in, replies and
 * notices out. DPDK's interrupt thread brings them; the main thread looks as well, each tick, for
 * what no interrupt told of. The port's lock is between the two.
 */

#include <errno.h>
#include <string.h>

#include <rte_ethdev.h>

#include "daemon.h"
#include "rte_pmd_sluice.h"

#define LOOK_AFTER_EVENT_MS 5000
#define LOOK_AT_REST_MS	    1000

static int
send_message(const struct port *port, uint16_t vf, const struct mbx_msg *message)
{
	int rc = rte_pmd_sluice_send(port->port_id, vf, message);

	/* The VF gives up on its request and asks again. */
	if (rc < 0)
		log_line(CONFIG_LOG_DEBUG, "%s vf %u: message 0x%08x not sent: %s", port->iov.pci,
			 vf, message->word[0], strerror(-rc));
	return rc;
}

static void
send_notices(struct port *port, bool link_changed)
{
	uint64_t now = now_ms();
	struct mbx_msg message;

	for (uint16_t vf = 0; vf < port->service->nb_vfs; vf++) {
		int rc = 0;

		if (service_notice(port->service, vf, link_changed, now, &message))
			rc = send_message(port, vf, &message);
		/* The VF has the buffer, or its request is in there. */
		if (rc == -EBUSY || rc == -EAGAIN)
			service_notice_lost(port->service, vf);
	}
}

static void
on_request(uint16_t port_id, uint16_t vf, const struct mbx_msg *request, void *ctx)
{
	struct port *port = ctx;
	struct mbx_msg reply;

	(void)port_id;
	pthread_mutex_lock(&port->lock);
	if (service_on_request(port->service, vf, request, now_ms(), &reply))
		(void)send_message(port, vf, &reply);
	pthread_mutex_unlock(&port->lock);
}

static void
on_vf_reset(uint16_t port_id, uint16_t vf, void *ctx)
{
	struct port *port = ctx;

	(void)port_id;
	pthread_mutex_lock(&port->lock);
	/* The device tells both alike; who is in quarantine does not leave it by its own reset. */
	if (port->service->vf[vf].state == VF_QUARANTINED && !port->watching.was_off[vf] &&
	    !iov_function_is_off(&iov_root_system, port->iov.vf_pci[vf]))
		service_on_vf_restart(port->service, vf);
	else
		service_on_vf_reset(port->service, vf);
	audit_verdict(port, &(struct service_verdict){ .vf = vf,
						       .request = "function reset",
						       .ok = true,
						       .reason = "pool emptied" });
	pthread_mutex_unlock(&port->lock);
}

static void
on_link(uint16_t port_id, bool up, void *ctx)
{
	struct port *port = ctx;

	(void)port_id;
	audit_change(port, CONTROL_VF_NONE, "link", up ? "link up" : "link down");
	pthread_mutex_lock(&port->lock);
	send_notices(port, true);
	pthread_mutex_unlock(&port->lock);
}

static void
on_malicious(uint16_t port_id, uint16_t vf, uint16_t queue, uint32_t cause, void *ctx)
{
	struct port *port = ctx;

	(void)port_id;
	pthread_mutex_lock(&port->lock);
	audit_malicious(port, vf, queue, cause);
	service_count(port->service, vf, WATCH_MALICIOUS, 1, now_ms());
	pthread_mutex_unlock(&port->lock);
}

static const struct rte_pmd_sluice_handler handler = {
	.request = on_request,
	.vf_reset = on_vf_reset,
	.link = on_link,
	.malicious = on_malicious,
};

static int
start_service(struct port *port, const struct config_port *config, char why[CONTROL_ERROR_BYTES])
{
	struct vf_policy policies[CONFIG_VFS_MAX];
	uint16_t nb_vfs = port->iov.num_vfs;
	int rc;

	for (uint16_t vf = 0; vf < nb_vfs; vf++)
		policies[vf] = config->vf[vf].policy;
	rc = port->again
		     ? service_start_again(port->service, port->port_id, nb_vfs, &pmd_pool_ops)
		     : service_start(port->service, port->port_id, nb_vfs, &pmd_pool_ops, policies);
	if (rc < 0)
		service_refusal(port->service, rc, why, CONTROL_ERROR_BYTES);
	return rc;
}

/* What was set live stays set, as the VFs live with it; the file's word comes with SIGHUP. */
static int
resume_service(struct port *port)
{
	port->service->port_id = port->port_id;
	return service_resume(port->service, &pmd_pool_ops);
}

int
requests_start(struct port *port, const struct config_port *config, char why[CONTROL_ERROR_BYTES])
{
	struct rte_ether_addr mac;
	int dialect = rte_pmd_sluice_dialect(port->port_id);
	int rc = rte_eth_macaddr_get(port->port_id, &mac);

	why[0] = '\0';
	if (rc < 0 || dialect < 0)
		return rc < 0 ? rc : dialect;
	pthread_mutex_lock(&port->lock);
	memcpy(port->service->pf_mac.byte, mac.addr_bytes, MAC_BYTES);
	port->service->report = audit_verdict;
	port->service->report_ctx = port;
	port->service->rules = config->watch;
	port->service->speaks = (enum mbx_dialect)dialect;
	rc = port->taken_over ? resume_service(port) : start_service(port, config, why);
	pthread_mutex_unlock(&port->lock);
	if (rc < 0)
		return rc;
	return rte_pmd_sluice_set_handler(port->port_id, &handler, port);
}

/*
 * While looks find nothing that the interrupt has not told of, one a second is enough: each costs
 * some reads of registers for every port.
 */
static int
look_for_events(struct port *port)
{
	uint64_t now = now_ms();
	int rc;

	if (now < port->next_look_ms)
		return 0;
	/* Without the lock: it calls the handler, which takes it. */
	rc = rte_pmd_sluice_poll(port->port_id);
	if (rc > 0 || port->next_look_ms == 0)
		port->looks_until_ms = now + LOOK_AFTER_EVENT_MS;
	port->next_look_ms = now + (now < port->looks_until_ms ? TICK_MS / 2 : LOOK_AT_REST_MS);
	return rc;
}

int
requests_tick(struct port *port)
{
	int rc = look_for_events(port);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&port->lock);
	send_notices(port, false);
	audit_tick(port);
	pthread_mutex_unlock(&port->lock);
	watching_tick(port);
	return 0;
}
