/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* From a PCI address to a PF that serves its VFs, and back. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "daemon.h"
#include "rte_pmd_sluice.h"

/* The PF's own queues carry nothing but what is captured; the other one has the least there is. */
#define RX_DESCRIPTORS 256
#define TX_DESCRIPTORS 64
#define POOL_MBUFS     319
#define POOL_NAME      "sluiced"

struct iov_request
ports_request(const struct config *config, const struct config_port *port, uint16_t num_vfs)
{
	struct iov_request request = {
		.pci = port->pci,
		.num_vfs = num_vfs,
		.restore = port->restore,
		.state_dir = config->state_dir,
	};

	for (uint16_t vf = 0; vf < num_vfs; vf++)
		request.vf_driver[vf] = port->vf[vf].driver;
	return request;
}

/* VFs that run are not to go because the file says so: what was set live stays set. */
static struct iov_request
request_of(const struct daemon *daemon, uint16_t i)
{
	const struct config_port *config = &daemon->config.port[i];
	const struct port *port = &daemon->port[i];
	bool has_books = port->taken_over || port->again;

	return ports_request(&daemon->config, config,
			     has_books ? kept_num_vfs(port->kept) : config->num_vfs);
}

/* One that was held for us has passed, and is in use: by us. */
static bool
is_to_be_checked(const struct daemon *daemon, uint16_t i)
{
	return !daemon->config.port[i].external && !hold_was_handed(&daemon->port[i]);
}

static void
say_vf_counts(const struct daemon *daemon)
{
	for (uint16_t i = 0; i < daemon->config.nb_ports; i++) {
		const struct config_port *config = &daemon->config.port[i];
		struct iov_request request = request_of(daemon, i);

		if (daemon->port[i].again)
			log_line(CONFIG_LOG_WARNING,
				 "%s: the number of its VFs was being changed: it is %u again",
				 config->pci, request.num_vfs);
		else if (request.num_vfs != config->num_vfs)
			log_line(CONFIG_LOG_WARNING,
				 "%s: num_vfs: %u: it runs on with %u VFs; SIGHUP changes that",
				 config->pci, config->num_vfs, request.num_vfs);
	}
}

int
ports_check(const struct daemon *daemon)
{
	const struct config *config = &daemon->config;
	struct iov_problems problems = { .nb = 0 };
	bool any = false;

	say_vf_counts(daemon);
	for (uint16_t i = 0; i < config->nb_ports; i++)
		any |= is_to_be_checked(daemon, i);
	if (any)
		(void)iov_check_host(&iov_root_system, config->hugepages_mb, &problems);
	for (uint16_t i = 0; i < config->nb_ports; i++) {
		struct iov_request request = request_of(daemon, i);

		if (!is_to_be_checked(daemon, i))
			continue;
		(void)iov_check_port(&iov_root_system, &request, &problems);
	}
	for (unsigned int i = 0; i < problems.nb; i++)
		log_line(CONFIG_LOG_ERROR, "%s", problems.problem[i].line);
	return problems.nb == 0 ? 0 : problems.problem[0].rc;
}

static int
take_port(struct daemon *daemon, uint16_t i, struct iov_problem *problem)
{
	struct iov_request request = request_of(daemon, i);
	struct iov_port *port = &daemon->port[i].iov;

	if (!daemon->config.port[i].external)
		return iov_port_create(&iov_root_system, &request, port, problem);
	iov_port_external(&iov_root_system, &request, port);
	return 0;
}

int
ports_take(struct daemon *daemon)
{
	const struct config *config = &daemon->config;
	struct iov_problem problem;

	for (uint16_t i = 0; i < config->nb_ports; i++) {
		int rc = take_port(daemon, i, &problem);

		if (rc < 0) {
			log_line(CONFIG_LOG_ERROR, "%s", problem.line);
			return rc;
		}
		daemon->nb_taken++;
	}
	return 0;
}

void
ports_give_back(struct daemon *daemon)
{
	struct iov_problem problem;

	while (daemon->nb_taken > 0)
		if (iov_port_destroy(&daemon->port[--daemon->nb_taken].iov, &problem) < 0)
			log_line(CONFIG_LOG_WARNING, "%s", problem.line);
}

static int
set_up_queues(uint16_t port_id, uint16_t mtu, struct rte_mempool *pool)
{
	/* Who captures may be too slow, or nobody does: it drops instead of holding up the VFs. */
	const struct rte_eth_rxconf rx_conf = { .rx_drop_en = 1 };
	const struct rte_eth_conf conf = { .rxmode.mtu = mtu };
	uint16_t nb_rx_desc = RX_DESCRIPTORS, nb_tx_desc = TX_DESCRIPTORS;
	int rc = rte_eth_dev_configure(port_id, 1, 1, &conf);

	if (rc == 0)
		rc = rte_eth_dev_adjust_nb_rx_tx_desc(port_id, &nb_rx_desc, &nb_tx_desc);
	if (rc == 0)
		rc = rte_eth_rx_queue_setup(port_id, 0, nb_rx_desc, SOCKET_ID_ANY, &rx_conf, pool);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(port_id, 0, nb_tx_desc, SOCKET_ID_ANY, NULL);
	return rc;
}

static int
find_port(struct port *port)
{
	if (rte_eth_dev_get_port_by_name(port->iov.pci, &port->port_id) < 0) {
		log_line(CONFIG_LOG_ERROR, "%s: the PF driver does not take this device",
			 port->iov.pci);
		return -ENODEV;
	}
	/* Not one of ours, or with another number of VFs than asked for. */
	if (rte_pmd_sluice_vf_count(port->port_id) != (int)port->iov.num_vfs) {
		log_line(CONFIG_LOG_ERROR, "%s: has not the %u VFs it should have", port->iov.pci,
			 port->iov.num_vfs);
		return -ENODEV;
	}
	return 0;
}

static int
open_port(struct port *port, const struct config_port *config, struct rte_mempool *pool)
{
	char why[CONTROL_ERROR_BYTES] = "";
	int rc = find_port(port);

	if (rc < 0)
		return rc;
	rc = set_up_queues(port->port_id, config->mtu, pool);
	if (rc == 0)
		rc = -pthread_mutex_init(&port->lock, NULL);
	if (rc < 0)
		goto failed;
	/* The handler first: a port without one gets the driver's default service at its start. */
	rc = requests_start(port, config, why);
	if (rc == 0 && port->iov.num_vfs > 0)
		rc = port_switch_set(port, NULL, config, why);
	if (rc == 0)
		rc = rte_eth_dev_start(port->port_id);
	if (rc == 0)
		return 0;
	(void)rte_pmd_sluice_set_handler(port->port_id, NULL, NULL);
	pthread_mutex_destroy(&port->lock);
failed:
	log_line(CONFIG_LOG_ERROR, "%s: cannot start the port: %s", port->iov.pci,
		 why[0] != '\0' ? why : strerror(-rc));
	return rc;
}

int
ports_restart(struct port *port, const struct config_port *config, char why[CONTROL_ERROR_BYTES])
{
	int rc = rte_eth_dev_reset(port->port_id);

	why[0] = '\0';
	/* What it goes on with is what requests_start() is to start anew, not to resume. */
	port->taken_over = false;
	port->again = true;
	if (rc == 0)
		rc = find_port(port);
	if (rc == 0)
		rc = set_up_queues(port->port_id, config->mtu, rte_mempool_lookup(POOL_NAME));
	if (rc == 0)
		rc = requests_start(port, config, why);
	/* Without VFs there is nothing to switch. */
	if (rc == 0 && port->iov.num_vfs > 0)
		rc = port_switch_set(port, NULL, config, why);
	if (rc == 0)
		rc = rte_eth_dev_start(port->port_id);
	if (rc < 0 && why[0] == '\0')
		snprintf(why, CONTROL_ERROR_BYTES, "%s: cannot start the port: %s", port->iov.pci,
			 strerror(-rc));
	return rc;
}

/* Only now that their mailboxes are answered: a kernel driver probes its VF while we wait. */
static int
bind_vfs(const struct daemon *daemon)
{
	struct iov_problem problem;

	for (uint16_t i = 0; i < daemon->nb_open; i++) {
		int rc = 0;

		/* One's VFs are somebody else's business, the other's have their drivers. */
		if (!daemon->config.port[i].external && !daemon->port[i].taken_over)
			rc = iov_port_bind_vfs(&daemon->port[i].iov, &problem);
		if (rc < 0) {
			log_line(CONFIG_LOG_ERROR, "%s", problem.line);
			return rc;
		}
	}
	return 0;
}

/* Of a PF that nobody can hold for us there is nothing to keep. */
static struct vf_service *
service_memory(struct port *port)
{
	return port->kept != NULL ? kept_service(port->kept) : calloc(1, sizeof(struct vf_service));
}

int
ports_open(struct daemon *daemon)
{
	unsigned int mbufs = daemon->config.nb_ports * (POOL_MBUFS + 1) - 1;
	struct rte_mempool *pool =
		rte_pktmbuf_pool_create(POOL_NAME, mbufs, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
					SOCKET_ID_ANY);
	int rc;

	if (pool == NULL) {
		log_line(CONFIG_LOG_ERROR, "no packet buffers: %s", rte_strerror(rte_errno));
		return -rte_errno;
	}
	for (uint16_t i = 0; i < daemon->config.nb_ports; i++) {
		struct port *port = &daemon->port[i];

		port->daemon = daemon;
		port->service = service_memory(port);
		if (port->service == NULL)
			return -ENOMEM;
		rc = open_port(port, &daemon->config.port[i], pool);
		if (rc < 0)
			return rc;
		daemon->nb_open++;
	}
	rc = bind_vfs(daemon);
	for (uint16_t i = 0; i < daemon->config.nb_ports && rc == 0; i++) {
		struct port *port = &daemon->port[i];

		if (port->kept == NULL)
			continue;
		kept_set_num_vfs(port->kept, port->iov.num_vfs);
		kept_set_whole(port->kept, true);
	}
	return rc;
}

/* The device is removed from DPDK too, as that is what closes vfio's descriptors. */
static void
release_device(const struct port *port)
{
	struct rte_eth_dev_info info;
	uint16_t port_id;

	if (rte_eth_dev_get_port_by_name(port->iov.pci, &port_id) < 0 ||
	    rte_eth_dev_info_get(port_id, &info) < 0)
		return;
	(void)rte_eth_dev_stop(port_id);
	(void)rte_eth_dev_close(port_id);
	if (rte_dev_remove(info.device) < 0)
		log_line(CONFIG_LOG_WARNING, "%s: DPDK does not let go of it: %s", port->iov.pci,
			 rte_strerror(rte_errno));
}

void
ports_close(struct daemon *daemon)
{
	/* Also of ports that DPDK probed and that were never opened. */
	for (uint16_t i = 0; i < daemon->nb_taken; i++)
		release_device(&daemon->port[i]);
	while (daemon->nb_open > 0) {
		struct port *port = &daemon->port[--daemon->nb_open];

		if (port->kept == NULL)
			free(port->service);
		pthread_mutex_destroy(&port->lock);
	}
}
