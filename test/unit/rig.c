/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdio.h>

#include "rig.h"

struct vf_service rig;
uint64_t rig_now_ms;
struct service_verdict rig_verdict;
char rig_args[SERVICE_ARGS_BYTES];
unsigned int rig_verdicts;
struct mbx_msg rig_reply;

const struct mac_addr mac_a = { { 0x02, 0xaa, 0, 0, 0, 1 } };
const struct mac_addr mac_b = { { 0x02, 0xbb, 0, 0, 0, 2 } };
const struct mac_addr mac_c = { { 0x02, 0xcc, 0, 0, 0, 3 } };
const struct mac_addr mac_multicast = { { 0x01, 0x00, 0x5e, 0, 0, 1 } };
const struct mac_addr mac_zero;

static void
keep_verdict(void *ctx, const struct service_verdict *verdict)
{
	(void)ctx;
	rig_verdict = *verdict;
	service_verdict_args(verdict, rig_args);
	rig_verdicts++;
}

static void
start(const struct vf_policy *policy, enum mbx_dialect speaks)
{
	struct vf_policy policies[RIG_VFS];

	for (unsigned int i = 0; i < RIG_VFS; i++)
		policies[i] = policy != NULL ? *policy : policy_default;
	memset(&rig, 0, sizeof(rig));
	memset(&rig_verdict, 0, sizeof(rig_verdict));
	rig.report = keep_verdict;
	rig.speaks = speaks;
	rig_verdicts = 0;
	rig_now_ms = 1000000;
	fake_clear(RIG_VFS);
	fake.info.rx_queues = 2;
	fake.info.tx_queues = 2;
	(void)service_start(&rig, FAKE_PORT, RIG_VFS, &fake_pool_ops, policies);
}

void
rig_start(const struct vf_policy *policy)
{
	start(policy, MBX_DIALECT_82576);
}

void
rig_start_82599(const struct vf_policy *policy)
{
	start(policy, MBX_DIALECT_82599);
}

int
rig_finish(void **state)
{
	(void)state;
	for (uint16_t vf = 0; vf < rig.nb_vfs; vf++) {
		const char *what = fake_mismatch(&rig, vf);

		if (what != NULL) {
			fprintf(stderr, "# pool and book of VF %u differ: %s\n", vf, what);
			return -1;
		}
	}
	return fake.violations == 0 ? 0 : -1;
}

uint32_t
rig_request(uint16_t vf, const struct mbx_msg *request)
{
	struct mbx_msg whole = *request;

	/* The PF reads the whole buffer, whatever the VF wrote. */
	whole.words = MBX_WORDS;
	rig_now_ms += 10;
	memset(&rig_reply, 0xee, sizeof(rig_reply));
	return service_on_request(&rig, vf, &whole, rig_now_ms, &rig_reply) ? rig_reply.word[0] : 0;
}

uint32_t
rig_reset(uint16_t vf)
{
	struct mbx_msg msg;

	mbx_encode_reset(&msg);
	return rig_request(vf, &msg);
}

static uint32_t
request_mac(uint16_t vf, enum mbx_mac_action action, const struct mac_addr *mac)
{
	struct mbx_set_mac request = { .action = action, .mac = *mac };
	struct mbx_msg msg;

	mbx_encode_set_mac(&msg, &request);
	return rig_request(vf, &msg);
}

uint32_t
rig_set_mac(uint16_t vf, const struct mac_addr *mac)
{
	return request_mac(vf, MBX_MAC_SET, mac);
}

uint32_t
rig_add_mac(uint16_t vf, const struct mac_addr *mac)
{
	return request_mac(vf, MBX_MAC_FILTER_ADD, mac);
}

uint32_t
rig_clear_macs(uint16_t vf)
{
	return request_mac(vf, MBX_MAC_FILTERS_CLEAR, &mac_zero);
}

uint32_t
rig_set_vlan(uint16_t vf, uint16_t vlan, bool add)
{
	struct mbx_set_vlan request = { .vlan = vlan, .add = add };
	struct mbx_msg msg;

	mbx_encode_set_vlan(&msg, &request);
	return rig_request(vf, &msg);
}

uint32_t
rig_set_multicast(uint16_t vf, uint8_t nb, bool overflow)
{
	struct mbx_set_multicast request = { .nb = nb, .overflow = overflow };
	struct mbx_msg msg;

	for (uint8_t i = 0; i < nb && i < MBX_MULTICASTS_MAX; i++)
		request.hash[i] = (uint16_t)(100 + i);
	mbx_encode_set_multicast(&msg, &request);
	return rig_request(vf, &msg);
}

uint32_t
rig_set_max_frame(uint16_t vf, uint32_t bytes)
{
	struct mbx_set_max_frame request = { .bytes = bytes };
	struct mbx_msg msg;

	mbx_encode_set_max_frame(&msg, &request);
	return rig_request(vf, &msg);
}

uint32_t
rig_set_promiscuous(uint16_t vf, bool unicast, bool multicast)
{
	struct mbx_set_promiscuous request = { .unicast = unicast, .multicast = multicast };
	struct mbx_msg msg;

	mbx_encode_set_promiscuous(&msg, &request);
	return rig_request(vf, &msg);
}

struct mac_addr
rig_mac(unsigned int n)
{
	return (struct mac_addr){ { 0x02, 0x10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n,
				    0x55 } };
}
