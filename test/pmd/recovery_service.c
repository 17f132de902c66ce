/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>
#include <time.h>

#include "codec_82599.h"
#include "recovery_service.h"
#include "rte_pmd_sluice.h"
#include "service.h"

#define NB_VFS 2

struct service_switches service_switches;
static struct vf_service service;

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool
asks_for_mac(const struct mbx_msg *request)
{
	return (request->word[0] & (MBX_OPCODE | MBX_INFO)) == MBX_SET_MAC;
}

/** What the switches say to a request of VF 0. @return whether they do */
static bool
misbehave(const struct mbx_msg *request, struct mbx_msg *reply)
{
	uint32_t opcode = request->word[0] & MBX_OPCODE;
	uint16_t queues = atomic_load(&service_switches.queues);
	unsigned int forget_at = opcode;

	if (opcode == MBX_VF_RESET)
		atomic_fetch_add(&service_switches.nb_resets, 1);
	memset(reply, 0, sizeof(*reply));
	if (atomic_compare_exchange_strong(&service_switches.forget_at, &forget_at, 0))
		service.dialect->reply(reply, request, MBX_NACK);
	else if (atomic_load(&service_switches.refuse_mac) && asks_for_mac(request))
		service.dialect->reply(reply, request, MBX_NACK | MBX_CTS);
	else if (queues != 0 && opcode == MBX_82599_GET_QUEUES)
		mbx_82599_reply_queues(reply, request,
				       &(struct mbx_queues){ .tx = queues, .rx = queues });
	return reply->words != 0;
}

/* One thread at a time, as the driver promises. */
static void
on_request(uint16_t port_id, uint16_t vf, const struct mbx_msg *request, void *ctx)
{
	struct mbx_msg reply;

	(void)ctx;
	if ((vf == 0 && misbehave(request, &reply)) ||
	    service_on_request(&service, vf, request, now_ms(), &reply))
		rte_pmd_sluice_send(port_id, vf, &reply);
}

static void
on_vf_reset(uint16_t port_id, uint16_t vf, void *ctx)
{
	(void)port_id;
	(void)ctx;
	service_on_vf_reset(&service, vf);
}

static const struct rte_pmd_sluice_handler handler = {
	.request = on_request,
	.vf_reset = on_vf_reset,
};

int
service_attach(uint16_t pf_port)
{
	struct vf_policy policies[NB_VFS] = { policy_default, policy_default };
	int rc = rte_pmd_sluice_dialect(pf_port);

	if (rc < 0)
		return rc;
	policies[0].trusted = true;
	policies[0].query_rss = true;
	service.speaks = (enum mbx_dialect)rc;
	rc = service_start(&service, pf_port, NB_VFS, &pmd_pool_ops, policies);
	return rc < 0 ? rc : rte_pmd_sluice_set_handler(pf_port, &handler, NULL);
}
