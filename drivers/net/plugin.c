/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Where drivers and service meet: VFs of a PF that no daemon owns are served with policy_default.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_alarm.h>
#include <rte_common.h>
#include <rte_ethdev.h>
#include <rte_log.h>

#include "default_service.h"
#include "service.h"

RTE_LOG_REGISTER(sluice_logtype_plugin, pmd.net.sluice.service, NOTICE)

#define SERVICE_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_##level, sluice_logtype_plugin, "sluice: " fmt "\n", ##__VA_ARGS__)

/* Notices to VFs, and the fallback for an interrupt that does not come. */
#define TICK_US 100000

/* A VF may have its queues stopped as often as it can reset itself: not all of it is told. */
#define MALICIOUS_LINES_MAX 8
#define MALICIOUS_WINDOW_MS 10000

/* The service of one port. */
struct default_port {
	uint16_t port_id;
	/* Recursive: the tick holds it while it polls, and polling calls the handler. */
	pthread_mutex_t lock;
	bool closed;		/* the next tick frees it */
	struct {
		uint64_t since_ms;
		unsigned int lines;	/* since then, with those not shown */
	} malicious;
	struct vf_service service;
};

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
send_message(const struct default_port *port, uint16_t vf, const struct mbx_msg *message)
{
	int rc = rte_pmd_sluice_send(port->port_id, vf, message);

	/* The VF gives up on its request and asks again. */
	if (rc < 0)
		SERVICE_LOG(DEBUG, "port %u vf %u: message 0x%08x not sent: %s", port->port_id, vf,
			    message->word[0], strerror(-rc));
}

static void
send_notices(struct default_port *port, bool link_changed)
{
	struct mbx_msg message;
	uint16_t vf;

	for (vf = 0; vf < port->service.nb_vfs; vf++)
		if (service_notice(&port->service, vf, link_changed, now_ms(), &message))
			send_message(port, vf, &message);
}

static void
on_request(uint16_t port_id __rte_unused, uint16_t vf, const struct mbx_msg *request, void *ctx)
{
	struct default_port *port = ctx;
	struct mbx_msg reply;

	pthread_mutex_lock(&port->lock);
	if (service_on_request(&port->service, vf, request, now_ms(), &reply))
		send_message(port, vf, &reply);
	pthread_mutex_unlock(&port->lock);
}

static void
on_vf_reset(uint16_t port_id __rte_unused, uint16_t vf, void *ctx)
{
	struct default_port *port = ctx;

	pthread_mutex_lock(&port->lock);
	service_on_vf_reset(&port->service, vf);
	pthread_mutex_unlock(&port->lock);
}

static void
on_link(uint16_t port_id __rte_unused, bool up __rte_unused, void *ctx)
{
	struct default_port *port = ctx;

	pthread_mutex_lock(&port->lock);
	send_notices(port, true);
	pthread_mutex_unlock(&port->lock);
}

static void
log_malicious(struct default_port *port, uint16_t vf, uint16_t queue, uint32_t cause)
{
	uint64_t now = now_ms();

	if (port->malicious.lines == 0 || now - port->malicious.since_ms >= MALICIOUS_WINDOW_MS) {
		if (port->malicious.lines > MALICIOUS_LINES_MAX)
			SERVICE_LOG(WARNING, "port %u: %u more queues were stopped, not shown",
				    port->port_id, port->malicious.lines - MALICIOUS_LINES_MAX);
		port->malicious.since_ms = now;
		port->malicious.lines = 0;
	}
	if (port->malicious.lines++ < MALICIOUS_LINES_MAX)
		SERVICE_LOG(WARNING, "port %u vf %u: queue %u stopped as malicious (0x%08x),"
			    " until the VF is reset", port->port_id, vf, queue, cause);
}

static void
on_malicious(uint16_t port_id __rte_unused, uint16_t vf, uint16_t queue, uint32_t cause, void *ctx)
{
	struct default_port *port = ctx;

	pthread_mutex_lock(&port->lock);
	log_malicious(port, vf, queue, cause);
	pthread_mutex_unlock(&port->lock);
}

static void
on_report(void *ctx, const struct service_verdict *verdict)
{
	const struct default_port *port = ctx;

	if (verdict->ok)
		SERVICE_LOG(DEBUG, "port %u vf %u: %s: %s", port->port_id, verdict->vf,
			    verdict->request, verdict->reason);
	else
		SERVICE_LOG(INFO, "port %u vf %u: %s (0x%08x) refused: %s", port->port_id,
			    verdict->vf, verdict->request, verdict->word0, verdict->reason);
}

static void
destroy(struct default_port *port)
{
	pthread_mutex_destroy(&port->lock);
	free(port);
}

static void
on_tick(void *arg)
{
	struct default_port *port = arg;
	bool closed;

	pthread_mutex_lock(&port->lock);
	if (!port->closed)
		rte_pmd_sluice_poll(port->port_id);
	/* Again: a callback of the application may have closed the port meanwhile. */
	closed = port->closed;
	if (!closed)
		send_notices(port, false);
	pthread_mutex_unlock(&port->lock);

	if (closed)
		destroy(port);
	else if (rte_eal_alarm_set(TICK_US, on_tick, port) < 0)
		SERVICE_LOG(ERR, "port %u: no more notices to its VFs", port->port_id);
}

static int
init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attributes;
	int rc;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	rc = -pthread_mutex_init(lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
	return rc;
}

static int
start_service(struct default_port *port, uint16_t nb_vfs)
{
	struct rte_ether_addr mac;
	int rc;

	port->service.report = on_report;
	port->service.report_ctx = port;
	rc = rte_eth_macaddr_get(port->port_id, &mac);
	if (rc < 0)
		return rc;
	memcpy(port->service.pf_mac.byte, mac.addr_bytes, MAC_BYTES);
	rc = rte_pmd_sluice_dialect(port->port_id);
	if (rc < 0)
		return rc;
	port->service.speaks = (enum mbx_dialect)rc;
	rc = service_start(&port->service, port->port_id, nb_vfs, &pmd_pool_ops, NULL);
	if (rc < 0)
		return rc;
	return rte_eal_alarm_set(TICK_US, on_tick, port);
}

static void *
default_create(uint16_t port_id, uint16_t nb_vfs)
{
	struct default_port *port;
	int rc = -ENOMEM;

	port = calloc(1, sizeof(*port));
	if (port == NULL)
		goto failed;
	port->port_id = port_id;
	rc = init_lock(&port->lock);
	if (rc < 0)
		goto free_port;
	rc = start_service(port, nb_vfs);
	if (rc < 0)
		goto destroy_lock;
	return port;

destroy_lock:
	pthread_mutex_destroy(&port->lock);
free_port:
	free(port);
failed:
	SERVICE_LOG(ERR, "port %u: default service: %s", port_id, strerror(-rc));
	return NULL;
}

/* The tick frees it: this may run below the tick's own poll. */
static void
default_free(void *ctx)
{
	struct default_port *port = ctx;

	pthread_mutex_lock(&port->lock);
	port->closed = true;
	pthread_mutex_unlock(&port->lock);
}

static const struct pf_default_service service_with_default_policy = {
	.handler = {
		.request = on_request,
		.vf_reset = on_vf_reset,
		.link = on_link,
		.malicious = on_malicious,
	},
	.create = default_create,
	.free = default_free,
};

RTE_INIT(sluice_plugin)
{
	pf_set_default_service(&service_with_default_policy);
}
