/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "codec.h"
#include "describe.h"
#include "requests.h"

/* 82576 sheet, 7.5. */
static const struct mbx_op ops[] = {
	[MBX_VF_RESET] = { "reset", on_reset, .min_words = 1, .before_reset = true },
	[MBX_SET_MAC] = { "set-mac", on_set_mac, .min_words = 3, .describe = describe_set_mac },
	[MBX_SET_MULTICAST] = { "set-multicast", on_set_multicast, .min_words = 1,
				.describe = describe_set_multicast },
	[MBX_SET_VLAN] = { "set-vlan", on_set_vlan, .min_words = 2,
			   .describe = describe_set_vlan },
	[MBX_SET_MAX_FRAME] = { "set-max-frame", on_set_max_frame, .min_words = 2,
				.describe = describe_set_max_frame },
	[MBX_SET_PROMISCUOUS] = { "set-promiscuous", on_set_promiscuous, .min_words = 1,
				  .describe = describe_set_promiscuous },
};

const struct service_dialect dialect_82576 = {
	.ops = ops,
	.nb_ops = sizeof(ops) / sizeof(ops[0]),
	.reply = mbx_reply,
	.reply_reset = mbx_reply_reset,
};
