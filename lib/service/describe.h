/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A request's arguments in words, for logs. Internal to lib/service: a dialect's rows name them.
 */
#ifndef SLUICE_DESCRIBE_H
#define SLUICE_DESCRIBE_H

#include "dispatch.h"

mbx_describe_t describe_set_mac;
mbx_describe_t describe_set_mac_82599;
mbx_describe_t describe_extra_mac;
mbx_describe_t describe_set_multicast;
mbx_describe_t describe_set_multicast_82599;
mbx_describe_t describe_set_vlan;
mbx_describe_t describe_set_max_frame;
mbx_describe_t describe_set_promiscuous;
mbx_describe_t describe_negotiate;
mbx_describe_t describe_receive_mode;

#endif /* SLUICE_DESCRIBE_H */
