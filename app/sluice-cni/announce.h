/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Tells neighbours who has an address now: another pod may have had it a moment ago, and they would
 * go on sending to its MAC. What fails is a line on standard error, and no failure of ADD.
 */
#ifndef SLUICE_CNI_ANNOUNCE_H
#define SLUICE_CNI_ANNOUNCE_H

#include "netdev.h"

/** Before addresses are set: the kernel advertises each once it has found it to be free. */
void announce_ipv6(const struct netns *netns, const char *name);

/**
 * An ARP announcement (RFC 5227) for each IPv4 address.
 *
 * @param ips  as in a result
 */
void announce_ipv4(const struct netns *netns, const char *name, const json_t *ips);

#endif /* SLUICE_CNI_ANNOUNCE_H */
