/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Results: what an ADD says, what a CHECK is told, and what an IPAM plugin gives.
 */
#ifndef SLUICE_CNI_RESULT_H
#define SLUICE_CNI_RESULT_H

#include "netdev.h"

/**
 * Of an ADD: with our interface, behind those of whoever was before us.
 *
 * @param state  of the netdev; an mtu of 0: not known, a zero MAC: the VF's choice
 * @param interface  its place in "interfaces"
 */
int result_make(struct cni *cni, const struct netdev_state *state, json_t **result,
		size_t *interface);

/** Put in what the IPAM plugin says. */
int result_add_ipam(struct cni *cni, json_t *result, json_t *ipam, size_t interface);

/** Set up the interface by what it says. */
int result_configure(struct cni *cni, const json_t *ipam, const struct netns *netns);

/** Our interface in a result; -1: it has none. */
int result_find(const struct cni *cni, const json_t *result);

#endif /* SLUICE_CNI_RESULT_H */
