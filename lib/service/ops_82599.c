/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The requests of VFs of 82599, X540 and X550 (82599 sheet, 7.5 and 7.6a).
 */
#include <errno.h>

#include "book.h"
#include "codec_82599.h"
#include "describe.h"
#include "requests.h"

#define VLAN_TAG_BYTES 4

/* Pools count the VLAN tag on top of what they are told. */
#define FRAME_BYTES_POOL (FRAME_BYTES_MAX - VLAN_TAG_BYTES)

static int
get_info(struct request *rq, struct pool_info *info)
{
	const struct vf_service *service = rq->service;
	int rc = service->pool->get_info(service->port_id, rq->vf, info);

	if (rc < 0)
		rq->reason = "the pool could not be read";
	return rc;
}

static int
on_reset_82599(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct request *rq = ctx;
	struct vf_entry next = *rq->entry;

	if (mbx_82599_decode_reset(msg) < 0)
		return -EBADMSG;
	book_clear(&next);
	return request_reset(rq, &next, reply);
}

static int
on_set_mac_82599(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct mac_addr mac;

	(void)reply;

	if (mbx_82599_decode_set_mac(msg, &mac) < 0)
		return -EBADMSG;
	return request_set_mac(ctx, &mac);
}

static int
on_set_multicast_82599(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct mbx_set_multicast wanted;

	(void)reply;

	if (mbx_82599_decode_set_multicast(msg, &wanted) < 0)
		return -EBADMSG;
	return request_set_multicast(ctx, &wanted);
}

static int
on_set_max_frame_82599(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct request *rq = ctx;
	struct mbx_set_max_frame wanted;
	struct pool_info info;
	enum policy_reason reason;
	int rc;

	(void)reply;

	if (mbx_decode_set_max_frame(msg, &wanted) < 0)
		return -EBADMSG;
	reason = policy_set_max_frame(&rq->entry->policy, wanted.bytes);
	if (reason != POLICY_OK)
		return request_refuse(rq, reason);
	rc = get_info(rq, &info);
	if (rc < 0)
		return rc;
	reason = policy_share_frame(rq->entry->api, wanted.bytes, info.shared_max_frame);
	if (reason != POLICY_OK)
		return request_refuse(rq, reason);
	return request_set_max_frame(rq, wanted.bytes < FRAME_BYTES_POOL ?
						 wanted.bytes : FRAME_BYTES_POOL);
}

static int
on_extra_mac(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct request *rq = ctx;
	struct vf_entry next = *rq->entry;
	struct mbx_extra_mac wanted;

	(void)reply;

	if (mbx_82599_decode_extra_mac(msg, &wanted) < 0)
		return -EBADMSG;
	if (wanted.clear)
		next.nb_extra = 0;
	if (wanted.add)
		return request_add_mac(rq, &next, &wanted.mac);
	return request_commit(rq, &next, "additional addresses removed");
}

static int
on_negotiate(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct request *rq = ctx;
	enum policy_reason reason;
	uint32_t api;

	(void)reply;

	if (mbx_82599_decode_negotiate(msg, &api) < 0)
		return -EBADMSG;
	reason = policy_api(api);
	if (reason != POLICY_OK)
		return request_refuse(rq, reason);
	rq->entry->api = (enum mbx_api)api;
	rq->reason = "version agreed on";
	return 0;
}

static int
on_get_queues(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct request *rq = ctx;
	struct mbx_queues queues;
	struct pool_info info;
	int rc;

	if (mbx_82599_decode_get(msg) < 0)
		return -EBADMSG;
	rc = get_info(rq, &info);
	if (rc < 0)
		return rc;
	queues = (struct mbx_queues){
		.tx = info.tx_queues,
		.rx = info.rx_queues,
		.strip_vlan = rq->entry->policy.vlan != 0,
	};
	mbx_82599_reply_queues(reply, msg, &queues);
	rq->reason = "queues told";
	return 0;
}

/* What RETA and the key have in common: for those who may know, where all pools share them. */
static int
get_rss(struct request *rq, const struct mbx_msg *msg, struct pool_rss *rss)
{
	const struct vf_service *service = rq->service;
	enum policy_reason reason;
	int rc;

	if (mbx_82599_decode_get(msg) < 0)
		return -EBADMSG;
	reason = policy_query_rss(&rq->entry->policy);
	if (reason != POLICY_OK)
		return request_refuse(rq, reason);
	rc = service->pool->get_rss(service->port_id, rq->vf, rss);
	rq->reason = rc < 0 ? "the VF has its own table and key" : "RSS told";
	return rc;
}

static int
on_get_reta(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct pool_rss rss;
	int rc = get_rss(ctx, msg, &rss);

	if (rc == 0)
		mbx_82599_reply_reta(reply, msg, rss.queue);
	return rc;
}

static int
on_get_rss_key(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct pool_rss rss;
	int rc = get_rss(ctx, msg, &rss);

	if (rc == 0)
		mbx_82599_reply_rss_key(reply, msg, rss.key);
	return rc;
}

/* Less than asked for is granted, not refused: the reply says how much. */
static int
on_receive_mode(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct request *rq = ctx;
	struct vf_entry next = *rq->entry;
	enum mbx_receive_mode wanted, granted;
	enum policy_reason reason;
	int rc;

	if (mbx_82599_decode_receive_mode(msg, &wanted) < 0)
		return -EBADMSG;
	reason = policy_receive_mode(&next.policy, next.api, wanted, &granted);
	if (reason != POLICY_OK)
		return request_refuse(rq, reason);

	/* MBX_MODE_NONE: without groups, a VF receives none of their frames anyway. */
	next.all_multicast = granted >= MBX_MODE_ALL_MULTICAST;
	next.promiscuous = granted >= MBX_MODE_PROMISCUOUS;
	rc = request_commit(rq, &next, granted == wanted ? "receive mode set" :
							   "less than the receive mode asked for");
	if (rc == 0)
		mbx_82599_reply_word(reply, msg, granted);
	return rc;
}

static int
on_get_link_state(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct request *rq = ctx;
	bool enabled = rq->entry->policy.state != POLICY_STATE_DISABLE;

	if (mbx_82599_decode_get(msg) < 0)
		return -EBADMSG;
	mbx_82599_reply_word(reply, msg, enabled);
	rq->reason = enabled ? "link enabled" : "link disabled";
	return 0;
}

/* IPsec (0x0d, 0x0e) and what came after 1.4 have no row: they are refused like any other word. */
static const struct mbx_op ops[] = {
	[MBX_VF_RESET] = { "reset", on_reset_82599, .min_words = 1, .before_reset = true },
	[MBX_SET_MAC] = { "set-mac", on_set_mac_82599, .min_words = 3,
			  .describe = describe_set_mac_82599 },
	[MBX_SET_MULTICAST] = { "set-multicast", on_set_multicast_82599, .min_words = 1,
				.describe = describe_set_multicast_82599 },
	[MBX_SET_VLAN] = { "set-vlan", on_set_vlan, .min_words = 2,
			   .describe = describe_set_vlan },
	[MBX_SET_MAX_FRAME] = { "set-max-frame", on_set_max_frame_82599, .min_words = 2,
				.describe = describe_set_max_frame },
	[MBX_82599_EXTRA_MAC] = { "extra-mac", on_extra_mac, .min_words = 3,
				  .describe = describe_extra_mac },
	[MBX_82599_NEGOTIATE] = { "negotiate", on_negotiate, .min_words = 2,
				  .describe = describe_negotiate },
	[MBX_82599_GET_QUEUES] = { "get-queues", on_get_queues, .min_words = 1,
				   .min_api = MBX_API_11 },
	[MBX_82599_GET_RETA]   = { "get-reta", on_get_reta, .min_words = 1,
				   .min_api = MBX_API_12 },
	[MBX_82599_GET_RSS_KEY] = { "get-rss-key", on_get_rss_key, .min_words = 1,
				    .min_api = MBX_API_12 },
	[MBX_82599_RECEIVE_MODE] = { "receive-mode", on_receive_mode, .min_words = 2,
				     .min_api = MBX_API_12,
				     .describe = describe_receive_mode },
	[MBX_82599_GET_LINK_STATE] = { "get-link-state", on_get_link_state, .min_words = 1,
				       .min_api = MBX_API_12 },
};

const struct service_dialect dialect_82599 = {
	.ops = ops,
	.nb_ops = sizeof(ops) / sizeof(ops[0]),
	.reply = mbx_82599_reply,
	.reply_reset = mbx_82599_reply_reset,
	.told_of_port_vlan = true,
};
